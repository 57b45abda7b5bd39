"""The public data of a simulated poll: parts that a test may replace, and the files they make."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auditor.source import Fetch, NotThere, OutOfReach
from crypto.tiles import Tile, bundles_of, encode_bundle
from shared.catalogue import PROOF
from shared.record import record_path


@dataclass(frozen=True)
class LogRecord:
    """One log: its checkpoint note, its entries in order, its hash tiles."""

    url: str
    checkpoint: bytes
    entries: tuple[bytes, ...]
    tiles: dict[Tile, bytes]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """URL and bytes of everything."""
        yield f"{self.url}/checkpoint", self.checkpoint
        for tile, data in self.tiles.items():
            yield f"{self.url}/{tile.path()}", data
        for bundle in bundles_of(len(self.entries)):
            entries = self.entries[bundle.index * 256 : bundle.index * 256 + bundle.width]
            yield f"{self.url}/{bundle.path()}", encode_bundle(entries)


@dataclass(frozen=True)
class PublicRecord:
    """Everything that an audit reads. Empty bytes: there is no such file."""

    poll_url: str
    manifest: bytes
    signatures: bytes
    result: bytes
    result_signature: bytes
    poll_log: LogRecord
    issuance_logs: tuple[LogRecord, ...]
    catalogue_proof: bytes
    opening: bytes = b""
    served: dict[str, bytes] = field(default_factory=dict)
    """The client and its releases, by URL."""

    def files(self) -> dict[str, bytes]:
        """The bytes of every file by URL."""
        files = {
            f"{self.poll_url}/manifest.json": self.manifest,
            f"{self.poll_url}/signatures.json": self.signatures,
            f"{self.poll_url}/result.json": self.result,
            f"{self.poll_url}/result.signature": self.result_signature,
            f"{self.poll_url}/{PROOF}": self.catalogue_proof,
            f"{self.poll_url}/opening.json": self.opening,
        }
        for log in (self.poll_log, *self.issuance_logs):
            files |= log.files()
        files |= self.served
        return {url: data for url, data in files.items() if data}


def in_memory(files: dict[str, bytes]) -> Callable[[], Fetch]:
    """A source that holds these files."""

    def fetch(url: str, limit: int) -> bytes:
        if url not in files:
            raise NotThere(url)
        if len(files[url]) > limit:
            raise OutOfReach(url)
        return files[url]

    return lambda: fetch


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write files as a folder that mirrors their URL paths (docs/protocol.md 9.1)."""
    for url, data in files.items():
        path = folder / record_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
