"""C2SP proofs that an entry is in a log (c2sp.org/tlog-proof@v1): index, inclusion proof, checkpoint."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from crypto import merkle
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.errors import MalformedProof
from crypto.signed_note import MAX_NOTE_SIZE, VerifierKey

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_HASHES: Final = 63
MAX_PROOF_SIZE: Final = MAX_NOTE_SIZE + 64 * 50

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, the hashes (32 bytes each) from leaf to root, the checkpoint note as it came."""

    index: int
    hashes: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """The proof as a file, `.tlog-proof`. It has no `extra` line, which nothing would vouch for."""
        lines = [HEADER, f"index {self.index}", *(base64.b64encode(one).decode() for one in self.hashes)]
        return "\n".join([*lines, "", ""]).encode() + self.note

    def verify(self, key: VerifierKey, leaf: bytes) -> Checkpoint:
        """Check that the leaf hash is in the log of a key; the checkpoint that says so.

        Raises the errors of `open_checkpoint`, and InvalidInclusionProof.
        """
        head = open_checkpoint(self.note, key)
        merkle.verify_inclusion(self.index, head.size, leaf, self.hashes, head.root)
        return head


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof strictly; nothing is verified. Raises MalformedProof."""
    text, separator, note = data.partition(b"\n\n")
    if len(data) > MAX_PROOF_SIZE or not separator:
        raise MalformedProof("too long, or without a checkpoint")
    try:
        header, index, *encoded = text.decode("ascii").split("\n")
        hashes = tuple(base64.b64decode(line, validate=True) for line in encoded)
    except (ValueError, binascii.Error):
        raise MalformedProof("not header, index and hashes") from None
    found = _INDEX.fullmatch(index)
    if header != HEADER or found is None or len(hashes) > MAX_HASHES:
        raise MalformedProof("not header, index and hashes")
    proof = TlogProof(int(found[1]), hashes, note)
    if any(len(one) != merkle.HASH_SIZE for one in hashes) or proof.to_bytes() != data:
        raise MalformedProof("does not encode back to itself")
    return proof
