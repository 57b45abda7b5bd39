"""Is one signed head of a log the beginning of another? Asked of the larger one's tiles; O(log n) of them."""

from dataclasses import dataclass

from auditor.bundles import MAX_TILE_SIZE
from auditor.evidence import Evidence, NoEvidence, nodes_between, roots_of
from auditor.source import Fetch, NotThere
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.errors import MalformedTile
from crypto.signed_note import VerifierKey
from crypto.tiles import Tile, subtree_reader


class NotShown(Exception):
    """The tiles do not show how the two heads belong together: missing, or not those of the larger head."""


class Forked(Exception):
    """The log signed two histories."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.check())
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint note and what it says, verified."""

    note: bytes
    head: Checkpoint

    @classmethod
    def opened(cls, note: bytes, key: VerifierKey) -> "SignedHead":
        """Verify a note. Raises CryptoError."""
        return cls(note, open_checkpoint(note, key))


def check_extends(key: VerifierKey, old: SignedHead, new: SignedHead, fetch: Fetch, url: str) -> None:
    """Check that `old`, the smaller, is the beginning of `new`, whose tiles are at `url`.

    Raises Forked, NotShown, OutOfReach.
    """
    if old.head == new.head or old.head.size == 0:
        return
    evidence = Evidence(key, old.note, new.note)
    if old.head.size < new.head.size:
        evidence = Evidence(key, old.note, new.note, _nodes(old.head, new.head, fetch, url))
        old_root, new_root = roots_of(old.head.size, new.head.size, evidence.nodes)
        if new_root != new.head.root:
            raise NotShown("the tiles do not give the root that was signed")
        if old_root == old.head.root:
            return
    try:
        raise Forked(evidence)
    except NoEvidence as error:
        raise NotShown(str(error)) from None


def _nodes(old: Checkpoint, new: Checkpoint, fetch: Fetch, url: str) -> tuple[bytes, ...]:
    def read(tile: Tile) -> bytes:
        return fetch(f"{url}/{tile.path()}", MAX_TILE_SIZE)

    try:
        return nodes_between(old.size, new.size, subtree_reader(new.size, read))
    except NotThere as error:
        raise NotShown(f"not there: {error}") from None
    except MalformedTile as error:
        raise NotShown(str(error)) from None
