"""Which (ballot key, revision) stand twice: exact, in bounded memory, whatever the number of ballots."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Final

RECORD_SIZE: Final = 32 + 4 + 8
"""SHA-256 of the ballot key, revision, leaf index (`auditor.bundles.Seen.keys`)."""

_IN_MEMORY: Final = 2**16


class KeyIndex:
    """Records in 256 files by the first byte of their hash; each is small enough to sort out in memory."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._parts = [self._open() for _ in range(256)]
        self.ballots = 0

    def __enter__(self) -> "KeyIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, records: bytes) -> None:
        """Take in the records of a bundle."""
        for at in range(0, len(records), RECORD_SIZE):
            self._parts[records[at]].write(records[at : at + RECORD_SIZE])
        self.ballots += len(records) // RECORD_SIZE

    def repeated(self) -> list[tuple[int, int]]:
        """Leaf index of every repetition and of the first with its key and revision, ascending."""
        return sorted(pair for part in self._parts for pair in _repeated_in(part))

    def _open(self) -> IO[bytes]:
        return self._stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))


def _repeated_in(part: IO[bytes]) -> Iterator[tuple[int, int]]:
    part.seek(0)
    first: dict[bytes, int] = {}
    while record := part.read(RECORD_SIZE):
        index = int.from_bytes(record[36:], "big")
        earlier = first.setdefault(record[:36], index)
        if earlier != index:
            yield index, earlier
