"""The checkpoint signer, with a durable mark of its own: it never signs two histories, nor an older one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crypto import ed25519
from crypto.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from crypto.errors import CryptoError, InvalidConsistencyProof, MalformedCheckpoint
from crypto.merkle import verify_consistency
from crypto.signed_note import VerifierKey
from shared.durable import write_durably

ProveConsistency = Callable[[int, int], Sequence[bytes]]
"""(old size, new size) -> an RFC 6962 consistency proof."""


class LogRolledBack(Exception):
    """The database is behind, or differs from, what was signed before. The service must stay read-only."""


@dataclass(frozen=True, slots=True)
class CheckpointSigner:
    """Signs heads of one log. `mark` is a file outside the database that holds the last head signed."""

    origin: str
    seed: bytes = field(repr=False)
    mark: Path

    def sign(
        self, size: int, root: bytes, prove: ProveConsistency, *, published: bytes | None = None
    ) -> bytes:
        """The signed note of a committed head; the same head gives the same bytes.

        `published`: the newest checkpoint note that went out. Raises LogRolledBack unless the head extends
        it and the mark. The mark is durable before the signature leaves; one that is lost after a
        publication is not made anew, for nobody could tell what it held.
        """
        head, last = Checkpoint(self.origin, size, root), self.last_signed()
        if published is not None:
            if last is None:
                raise LogRolledBack("the signer's mark is lost")
            _check_extends(self._opened(published), head, prove)
        if last is not None:
            _check_extends(last, head, prove)
        if last != head:
            write_durably(self.mark, head.text().encode())
        return sign_checkpoint(head, self.seed)

    def last_signed(self) -> Checkpoint | None:
        """The mark, or None before the first signature. Raises LogRolledBack on a mark that does not read."""
        try:
            last = parse_checkpoint(self.mark.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (MalformedCheckpoint, UnicodeDecodeError):
            raise LogRolledBack("the signer's mark does not read") from None
        if last.origin != self.origin:
            raise LogRolledBack("the signer's mark is of another log")
        return last

    def _opened(self, published: bytes) -> Checkpoint:
        try:
            return open_checkpoint(published, VerifierKey(self.origin, ed25519.public_key(self.seed)))
        except CryptoError:
            raise LogRolledBack("the published checkpoint is not signed by this log's key") from None


def _check_extends(last: Checkpoint, head: Checkpoint, prove: ProveConsistency) -> None:
    if head.size < last.size:
        raise LogRolledBack(f"the database has {head.size} leaves, {last.size} were signed")
    if last.size == 0:
        return
    try:
        verify_consistency(last.size, head.size, prove(last.size, head.size), last.root, head.root)
    except InvalidConsistencyProof as error:
        raise LogRolledBack(f"another history than was signed at {last.size} leaves") from error
