"""C2SP checkpoints (c2sp.org/tlog-checkpoint): origin, size, root in a signed note. No extension lines."""

import base64
import binascii
import re
from dataclasses import dataclass

from crypto.errors import MalformedCheckpoint
from crypto.merkle import HASH_SIZE
from crypto.signed_note import VerifierKey, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, number of leaves and 32-byte root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a note text strictly. Raises MalformedCheckpoint."""
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise MalformedCheckpoint("not origin, size and root")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        raise MalformedCheckpoint("the root is not base64") from None
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if len(root) != HASH_SIZE or checkpoint.text() != text:
        raise MalformedCheckpoint("does not encode back to itself")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, seed: bytes) -> bytes:
    """The signed note; the key's name is the origin."""
    return sign_note(checkpoint.text(), checkpoint.origin, seed)


def open_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """Verify a note under a log's key and read its checkpoint.

    Raises MalformedNote, UnsignedNote, InvalidSignature, MalformedCheckpoint (also for another origin).
    """
    checkpoint = parse_checkpoint(open_note(note, [key]))
    if checkpoint.origin != key.name:
        raise MalformedCheckpoint("of another origin")
    return checkpoint
