"""Merkle tree hashes and proofs (RFC 6962 section 2, RFC 9162 section 2)."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from crypto.errors import InvalidConsistencyProof, InvalidInclusionProof

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

SubtreeHash = Callable[[int, int], bytes]
"""(start, end) -> the hash of these leaves: a complete aligned subtree, or the right edge of the tree."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash a leaf, RFC 6962 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node, RFC 6962 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: its complete subtrees, largest first. O(log n) memory."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size, self._hashes = size, list(hashes)
        if len(self._hashes) != size.bit_count():
            raise ValueError("a tree has one complete subtree per bit of its size")

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The complete subtrees' hashes, largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._hashes.pop(), leaf)
            size >>= 1
        self._hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The tree's root."""
        return fold(self._hashes)


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root of a tree of these leaf hashes."""
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier.append(leaf)
    return frontier.root()


def split_point(size: int) -> int:
    """The largest power of two smaller than size (RFC 6962 2.1), size > 1."""
    return 1 << (size - 1).bit_length() - 1


def complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The ranges of complete subtrees that make up leaves start to end; start is aligned to the first."""
    ranges = []
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        ranges.append((start, start + width))
        start += width
    return ranges


def prove_inclusion(index: int, size: int, subtree: SubtreeHash) -> list[bytes]:
    """The audit path of a leaf, RFC 6962 2.1.1, leaf to root. Raises ValueError unless index < size."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check an audit path, RFC 9162 2.1.3.2. Raises InvalidInclusionProof."""
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        raise InvalidInclusionProof("no such leaf, or no hash")
    fn, sn, computed = index, size - 1, leaf
    for sibling in proof:
        if sn == 0 or len(sibling) != HASH_SIZE:
            raise InvalidInclusionProof("the proof is too long or malformed")
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or computed != root:
        raise InvalidInclusionProof("the proof does not lead to the root")


def prove_consistency(old: int, new: int, subtree: SubtreeHash) -> list[bytes]:
    """The consistency proof of two sizes, RFC 6962 2.1.2. Raises ValueError unless 0 < old <= new."""
    if not 0 < old <= new:
        raise ValueError("a consistency proof is from 0 < old <= new")
    path, start, end, whole = [], 0, new, True
    while old != end:
        middle = start + split_point(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check a consistency proof, RFC 9162 2.1.4.2. Raises InvalidConsistencyProof, also on old = 0."""
    if not 0 < old <= new:
        raise InvalidConsistencyProof("a consistency proof is from 0 < old <= new")
    if old == new:
        if proof or old_root != new_root:
            raise InvalidConsistencyProof("equal sizes have equal roots and an empty proof")
        return
    nodes = list(proof)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes or any(len(node) != HASH_SIZE for node in nodes):
        raise InvalidConsistencyProof("the proof is too short or malformed")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_computed = new_computed = nodes[0]
    for node in nodes[1:]:
        if sn == 0:
            raise InvalidConsistencyProof("the proof is too long")
        if fn & 1 or fn == sn:
            old_computed, new_computed = node_hash(node, old_computed), node_hash(node, new_computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_computed = node_hash(new_computed, node)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or old_computed != old_root or new_computed != new_root:
        raise InvalidConsistencyProof("the trees are not one history")
