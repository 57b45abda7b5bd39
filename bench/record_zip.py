"""Writing the record zip of a large poll, beside the bare CRC-32 of the same bytes, which every zip needs.

The files are in memory and the zip goes to a file without fsync: measured is what `write_zip` adds.
SHA-256 of the zip, which whoever downloads it computes, is printed beside it.
"""

import hashlib
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Final

from bench.record import VAR, large_record
from bench.rows import QUICK, Row, report, share
from shared.record import write_zip

BALLOTS: Final = 10_000 if QUICK else 100_000
ROUNDS: Final = 3


def rows() -> list[Row]:
    """Megabytes per second."""
    folder = large_record(BALLOTS)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder)
    files = sorted((str(path.relative_to(folder)), path.read_bytes()) for path in paths)
    contents = [data for _, data in files]
    size = sum(map(len, contents)) / 1e6
    written, crc, sha256 = (
        size / min(_seconds(step) for _ in range(ROUNDS))
        for step in (lambda: _write(files), lambda: _each(zlib.crc32, contents), lambda: _sha256(contents))
    )
    return [
        share(f"record zip of {BALLOTS} ballots, against CRC-32", written, "MB/s", crc),
        Row("SHA-256 of as many bytes", sha256, "MB/s"),
    ]


def _seconds(step: Callable[[], None]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _write(files: Iterable[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryFile(dir=VAR) as out:
        write_zip(out, files)


def _each(function: Callable[[bytes], int], contents: Iterable[bytes]) -> None:
    for data in contents:
        function(data)


def _sha256(contents: Iterable[bytes]) -> None:
    state = hashlib.sha256()
    for data in contents:
        state.update(data)


if __name__ == "__main__":
    report(rows())
