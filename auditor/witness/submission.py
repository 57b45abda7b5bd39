"""The body of `add-checkpoint` (c2sp.org/tlog-witness)."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from auditor.witness.refusals import Refused
from crypto.checkpoint import Checkpoint, parse_checkpoint
from crypto.errors import MalformedCheckpoint, MalformedNote
from crypto.merkle import HASH_SIZE
from crypto.signed_note import MAX_NOTE_SIZE, Note, parse_note

MAX_PROOF: Final = 63
MAX_BODY_SIZE: Final = MAX_NOTE_SIZE + 64 * (MAX_PROOF + 1)
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint with the proof that it extends the tree of size `old`. Signatures are unverified."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes
    parsed: Note
    checkpoint: Checkpoint


def parse_submission(body: bytes) -> Submission:
    """Take a body apart. Raises Refused (400)."""
    head, separator, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
    except (UnicodeDecodeError, MalformedNote, MalformedCheckpoint):
        raise Refused(400, "not a checkpoint with its consistency proof") from None
    match = _OLD.fullmatch(first)
    if match is None or not separator or len(lines) > MAX_PROOF:
        raise Refused(400, "not an old size and at most 63 hashes")
    proof = tuple(_hash(line) for line in lines)
    return Submission(int(match[1]), proof, note, parsed, checkpoint)


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "a proof line is not base64") from None
    if len(value) != HASH_SIZE or base64.b64encode(value).decode() != line:
        raise Refused(400, "a proof line is not a hash")
    return value
