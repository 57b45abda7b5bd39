"""The small files of one poll as they came, unjudged. Entries and tiles are read by `auditor.scan`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.source import Fetch, NotThere, OutOfReach
from crypto.checkpoint import Checkpoint, parse_checkpoint
from crypto.errors import MalformedCheckpoint, MalformedNote
from crypto.signed_note import MAX_NOTE_SIZE, parse_note
from shared.catalogue import PROOF
from shared.manifest import MAX_MANIFEST_SIZE, ManifestInvalid, parse_manifest
from shared.record import MAX_FILE_SIZE

MAX_SMALL_FILE_SIZE = 2**20
"""Of every file but entries, tiles, the manifest and the result."""
POLL_FILES = ("manifest.json", "signatures.json", "result.json", "result.signature", "opening.json", PROOF)
"""The opening after the result, which it came before."""

_LIMITS = {"manifest.json": MAX_MANIFEST_SIZE + 1, "result.json": MAX_FILE_SIZE}


@dataclass(frozen=True)
class LogHead:
    """One log: where it is and its checkpoint note.

    `missing`: it is not there or does not read. `unreachable`: what the source did not answer.
    """

    url: str
    checkpoint: bytes = b""
    missing: str = ""
    unreachable: str = ""

    @property
    def claims(self) -> Checkpoint | None:
        """What the note says, its signature unverified; None when it does not read."""
        try:
            return parse_checkpoint(parse_note(self.checkpoint).text)
        except (MalformedNote, MalformedCheckpoint):
            return None


@dataclass(frozen=True)
class Record:
    """The files of a poll beside its logs' leaves. Empty bytes: the source has no such file.

    `unreachable`: by file name, why it is not known whether the source has it.
    """

    poll_id: str
    manifest: bytes = b""
    signatures: bytes = b""
    opening: bytes = b""
    result: bytes = b""
    result_signature: bytes = b""
    catalogue_proof: bytes = b""
    poll_log: LogHead = field(default_factory=lambda: LogHead(""))
    issuance_logs: tuple[LogHead, ...] = ()
    unreachable: Mapping[str, str] = field(default_factory=dict)


def read_record(fetch: Fetch, poll_url: str) -> Record:
    """Read the small files of the poll at a URL. What cannot be had is noted, not raised."""
    files: dict[str, bytes] = {}
    unreachable: dict[str, str] = {}
    for name in POLL_FILES:
        try:
            files[name] = fetch(f"{poll_url}/{name}", _LIMITS.get(name, MAX_SMALL_FILE_SIZE))
        except NotThere:
            files[name] = b""
        except OutOfReach as error:
            files[name], unreachable[name] = b"", str(error)
    poll_log, issuance_logs = _read_heads(fetch, files["manifest.json"])
    return Record(
        poll_id=poll_url.rpartition("/")[2],
        manifest=files["manifest.json"],
        signatures=files["signatures.json"],
        opening=files["opening.json"],
        result=files["result.json"],
        result_signature=files["result.signature"],
        catalogue_proof=files[PROOF],
        poll_log=poll_log,
        issuance_logs=issuance_logs,
        unreachable=unreachable,
    )


def _read_heads(fetch: Fetch, manifest: bytes) -> tuple[LogHead, tuple[LogHead, ...]]:
    try:
        members = parse_manifest(manifest).manifest
    except ManifestInvalid:
        return LogHead("", missing="the manifest does not read"), ()
    issuance = tuple(read_head(fetch, issuer.log_url) for issuer in members.issuers)
    return read_head(fetch, members.ballot_box.log_url), issuance


def read_head(fetch: Fetch, url: str) -> LogHead:
    """Read a log's checkpoint note."""
    try:
        return LogHead(url, fetch(f"{url}/checkpoint", MAX_NOTE_SIZE))
    except NotThere as error:
        return LogHead(url, missing=f"not there: {error}")
    except OutOfReach as error:
        return LogHead(url, unreachable=str(error))
