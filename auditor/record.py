"""The public data of one poll as it came, unjudged."""

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.source import Fetch, NotThere, OutOfReach
from crypto.checkpoint import parse_checkpoint
from crypto.errors import MalformedCheckpoint, MalformedNote, MalformedTile
from crypto.signed_note import parse_note
from crypto.tiles import Tile, bundles_of, decode_bundle, tiles_of
from shared.manifest import ManifestInvalid, parse_manifest


@dataclass(frozen=True)
class LogRecord:
    """One log: its checkpoint note, its entries in order, its hash tiles.

    `missing`: what is not there or does not read. `unreachable`: what the source did not answer.
    """

    url: str
    checkpoint: bytes = b""
    entries: tuple[bytes, ...] = ()
    tiles: dict[Tile, bytes] = field(default_factory=dict)
    missing: str = ""
    unreachable: str = ""


@dataclass(frozen=True)
class Record:
    """Everything that an audit reads. Empty bytes: the source has no such file."""

    poll_id: str
    manifest: bytes = b""
    signatures: bytes = b""
    result: bytes = b""
    result_signature: bytes = b""
    poll_log: LogRecord = field(default_factory=lambda: LogRecord(""))
    issuance_logs: tuple[LogRecord, ...] = ()
    unreachable: str = ""


Progress = Callable[[str], None]
"""Told what is being read."""


def read_record(fetch: Fetch, poll_url: str, progress: Progress) -> Record:
    """Read all public data of the poll at a URL. What cannot be had is noted, not raised."""
    poll_id = poll_url.rpartition("/")[2]
    files: dict[str, bytes] = {}
    unreachable = ""
    for name in ("manifest.json", "signatures.json", "result.json", "result.signature"):
        progress(name)
        try:
            files[name] = fetch(f"{poll_url}/{name}")
        except NotThere:
            files[name] = b""
        except OutOfReach as error:
            files[name], unreachable = b"", str(error)
    poll_log, issuance_logs = _read_logs(fetch, files["manifest.json"], progress)
    return Record(
        poll_id=poll_id,
        manifest=files["manifest.json"],
        signatures=files["signatures.json"],
        result=files["result.json"],
        result_signature=files["result.signature"],
        poll_log=poll_log,
        issuance_logs=issuance_logs,
        unreachable=unreachable,
    )


def _read_logs(fetch: Fetch, manifest: bytes, progress: Progress) -> tuple[LogRecord, tuple[LogRecord, ...]]:
    try:
        members = parse_manifest(manifest).manifest
    except ManifestInvalid:
        return LogRecord("", missing="the manifest does not read"), ()
    issuance = tuple(read_log(fetch, issuer.log_url, progress) for issuer in members.issuers)
    return read_log(fetch, members.ballot_box.log_url, progress), issuance


def read_log(fetch: Fetch, url: str, progress: Progress) -> LogRecord:
    """Read a whole log as its checkpoint describes it."""
    note = b""
    try:
        progress(f"{url}/checkpoint")
        note = fetch(f"{url}/checkpoint")
        size = parse_checkpoint(parse_note(note).text).size
        entries: list[bytes] = []
        for bundle in bundles_of(size):
            progress(f"{url}/{bundle.path()}")
            entries += decode_bundle(fetch(f"{url}/{bundle.path()}"), bundle.width)
        tiles = {tile: fetch(f"{url}/{tile.path()}") for tile in tiles_of(size)}
    except NotThere as error:
        return LogRecord(url, note, missing=f"not there: {error}")
    except OutOfReach as error:
        return LogRecord(url, note, unreachable=str(error))
    except (MalformedNote, MalformedCheckpoint, MalformedTile) as error:
        return LogRecord(url, note, missing=str(error) or type(error).__name__)
    return LogRecord(url, note, tuple(entries), tiles)
