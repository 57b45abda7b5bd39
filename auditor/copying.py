"""Everything of one poll, listed and copied: what a mirror or a record zip holds (docs/protocol.md 9.1)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from auditor.bundles import MAX_TILE_SIZE
from auditor.record import MAX_SMALL_FILE_SIZE, LogHead, read_record
from auditor.scan import MAX_LEAVES, Progress
from auditor.source import Fetch, NotThere, OutOfReach
from crypto.tiles import bundles_of, tiles_of
from shared.catalogue import PROOF
from shared.durable import write_durably
from shared.record import MAX_FILE_SIZE, record_path, write_zip
from shared.statements import KINDS


class Copy:
    """A poll being copied. Small files are read once, so that tiles are those of the checkpoints kept."""

    def __init__(self, fetch: Fetch, poll_url: str) -> None:
        """Read the small files. Raises NotThere without a manifest, OutOfReach."""
        self._fetch = fetch
        record = read_record(fetch, poll_url)
        if record.unreachable:
            raise OutOfReach(next(iter(record.unreachable.values())))
        if not record.manifest:
            raise NotThere(f"{poll_url}/manifest.json")
        self._small = {
            f"{poll_url}/manifest.json": record.manifest,
            f"{poll_url}/signatures.json": record.signatures,
            f"{poll_url}/opening.json": record.opening,
            f"{poll_url}/result.json": record.result,
            f"{poll_url}/result.signature": record.result_signature,
            f"{poll_url}/{PROOF}": record.catalogue_proof,
        }
        self._small |= _statements(fetch, poll_url)
        self._large: dict[str, int] = {}
        for log in (record.poll_log, *record.issuance_logs):
            self._add_log(log)

    def to_folder(self, folder: Path, progress: Progress) -> None:
        """Write what is not there yet; the small files last: what they describe is there before them."""
        for done, (url, limit) in enumerate(self._large.items(), 1):
            path = folder / record_path(url)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_durably(path, self._fetch(url, limit))
            progress("copying", done, len(self._large))
        for url, data in self._small.items():
            if data:
                path = folder / record_path(url)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_durably(path, data)

    def to_zip(self, out: IO[bytes], progress: Progress) -> None:
        """Write a record zip."""
        write_zip(out, self._in_order(progress))

    def _in_order(self, progress: Progress) -> Iterator[tuple[str, bytes]]:
        urls = sorted([*(url for url, data in self._small.items() if data), *self._large], key=record_path)
        for done, url in enumerate(urls, 1):
            data = self._small.get(url) or self._fetch(url, self._large[url])
            progress("copying", done, len(urls))
            yield record_path(url), data

    def _add_log(self, log: LogHead) -> None:
        """A log without a checkpoint is not published yet. Raises OutOfReach."""
        if log.unreachable:
            raise OutOfReach(log.unreachable)
        if log.missing or not log.url:
            return
        self._small[f"{log.url}/checkpoint"] = log.checkpoint
        head = log.claims
        if head is None or head.size > MAX_LEAVES:
            return
        self._large |= {f"{log.url}/{tile.path()}": MAX_FILE_SIZE for tile in bundles_of(head.size)}
        self._large |= {f"{log.url}/{tile.path()}": MAX_TILE_SIZE for tile in tiles_of(head.size)}


def _statements(fetch: Fetch, poll_url: str) -> dict[str, bytes]:
    """What issuers said of the poll (docs/protocol.md 3.7), which no check asks for. Raises OutOfReach."""
    found: dict[str, bytes] = {}
    for kind in KINDS:
        with suppress(NotThere):
            found[f"{poll_url}/{kind}.json"] = fetch(f"{poll_url}/{kind}.json", MAX_SMALL_FILE_SIZE)
    return found
