"""Write a simulated election as a folder that mirrors the services' URL paths (docs/protocol.md 9.1)."""

from pathlib import Path

from auditor.record import LogRecord
from auditor.source import folder_path
from crypto.tiles import bundles_of, encode_bundle
from tests.simulator import Election


def write_folder(folder: Path, election: Election) -> str:
    """Write the record; the poll's URL."""
    record = election.record()
    poll_url = f"{election.poll.manifest.ballot_box.url}/polls/{record.poll_id}"
    files = {
        "manifest.json": record.manifest,
        "signatures.json": record.signatures,
        "result.json": record.result,
        "result.signature": record.result_signature,
    }
    for name, data in files.items():
        if data:
            _write(folder, f"{poll_url}/{name}", data)
    for log in (record.poll_log, *record.issuance_logs):
        _write_log(folder, log)
    return poll_url


def _write_log(folder: Path, log: LogRecord) -> None:
    _write(folder, f"{log.url}/checkpoint", log.checkpoint)
    for tile, data in log.tiles.items():
        _write(folder, f"{log.url}/{tile.path()}", data)
    for bundle in bundles_of(len(log.entries)):
        entries = log.entries[bundle.index * 256 : bundle.index * 256 + bundle.width]
        _write(folder, f"{log.url}/{bundle.path()}", encode_bundle(entries))


def _write(folder: Path, url: str, data: bytes) -> None:
    path = folder / folder_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
