"""Proof that a log signed two histories: convinces anybody who has the log's key, with nothing else at hand.

Two signed checkpoints and, where their sizes differ, `nodes`: hashes that give the new root and, at the old
size, another root than the one that was signed (RFC 6962 2.1.2 with the first node always written out).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.merkle import HASH_SIZE, node_hash, prove_consistency
from crypto.signed_note import VerifierKey
from shared.encoding import EncodingRefused, canonical_json, from_hex, parse_canonical

FORMAT = "veche/evidence/v1"
_MEMBERS = {"format", "log_key", "new", "nodes", "old"}


class NoEvidence(Exception):
    """It proves nothing; the message says why."""


@dataclass(frozen=True)
class Evidence:
    """Two notes signed by one log, the older (smaller) first."""

    key: VerifierKey
    old: bytes
    new: bytes
    nodes: tuple[bytes, ...] = ()

    def check(self) -> str:
        """What it proves, in a sentence. Raises NoEvidence."""
        try:
            old, new = open_checkpoint(self.old, self.key), open_checkpoint(self.new, self.key)
        except CryptoError as error:
            raise NoEvidence(f"a checkpoint is not signed by the log: {error}") from None
        if old.size == new.size and old.root != new.root:
            return f"the log signed two roots for {old.size} leaves"
        if not 0 < old.size < new.size:
            raise NoEvidence("the checkpoints do not contradict each other")
        old_root, new_root = roots_of(old.size, new.size, self.nodes)
        if new_root != new.root or old_root == old.root:
            raise NoEvidence("the hashes do not show another history")
        return f"the tree of {new.size} leaves does not begin with the {old.size} leaves signed before"

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(
            {
                "format": FORMAT,
                "log_key": str(self.key),
                "new": self.new.decode(),
                "nodes": [node.hex() for node in self.nodes],
                "old": self.old.decode(),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> "Evidence":
        """Read an evidence file. Raises NoEvidence."""
        try:
            members = parse_canonical(data)
            if members.keys() != _MEMBERS or members["format"] != FORMAT or len(members["nodes"]) > 130:
                raise NoEvidence("another format")
            nodes = tuple(from_hex(node, size=HASH_SIZE) for node in members["nodes"])
            key = VerifierKey.parse(members["log_key"])
            return cls(key, members["old"].encode(), members["new"].encode(), nodes)
        except (EncodingRefused, CryptoError, KeyError, TypeError, AttributeError):
            raise NoEvidence("not an evidence file") from None


def nodes_between(old: int, new: int, subtree: Callable[[int, int], bytes]) -> tuple[bytes, ...]:
    """The nodes of a consistency proof with the first one always written out, 0 < old < new."""
    proof = prove_consistency(old, new, subtree)
    return (subtree(0, old), *proof) if old & (old - 1) == 0 else tuple(proof)


def roots_of(old: int, new: int, nodes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Old and new root that `nodes_between` lead to (RFC 9162 2.1.4.2). Raises NoEvidence."""
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not nodes:
        raise NoEvidence("there are no hashes")
    old_root = new_root = nodes[0]
    for node in nodes[1:]:
        if sn == 0:
            raise NoEvidence("too many hashes")
        if fn & 1 or fn == sn:
            old_root, new_root = node_hash(node, old_root), node_hash(node, new_root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_root = node_hash(new_root, node)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise NoEvidence("too few hashes")
    return old_root, new_root


def contradiction(key: VerifierKey, old: bytes, new: bytes, nodes: Sequence[bytes]) -> Evidence | None:
    """The evidence that two notes (smaller first) and hashes of the larger tree make, if any."""
    evidence = Evidence(key, old, new, tuple(nodes))
    try:
        evidence.check()
    except NoEvidence:
        return None
    return evidence
