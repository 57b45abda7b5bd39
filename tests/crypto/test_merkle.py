"""Trees and proofs against a reference that is RFC 6962 2.1 word for word."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import merkle
from crypto.errors import InvalidConsistencyProof, InvalidInclusionProof
from crypto.merkle import Frontier, SubtreeHash

SIZES = range(1, 34)


def leaves(count: int, *, salt: str = "") -> list[bytes]:
    return [merkle.leaf_hash(f"{salt}{n}".encode()) for n in range(count)]


def reference_root(hashes: Sequence[bytes]) -> bytes:
    """MTH(D[n]), by its definition."""
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY_ROOT
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return merkle.node_hash(reference_root(hashes[:k]), reference_root(hashes[k:]))


def over(hashes: Sequence[bytes]) -> SubtreeHash:
    return lambda start, end: reference_root(hashes[start:end])


@given(st.integers(0, 700))
def test_the_streamed_root_is_the_root_by_definition(size: int) -> None:
    hashes = leaves(size)
    assert merkle.root_of(hashes) == reference_root(hashes)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_frontier_goes_on_from_the_hashes_it_left(first: int, more: int) -> None:
    hashes = leaves(first + more)
    before = Frontier()
    for leaf in hashes[:first]:
        before.append(leaf)
    after = Frontier(before.size, before.hashes)
    for leaf in hashes[first:]:
        after.append(leaf)
    assert (after.size, after.root()) == (first + more, reference_root(hashes))
    assert len(after.hashes) == after.size.bit_count()


def test_a_frontier_with_a_hash_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="one complete subtree per bit"):
        Frontier(2, leaves(2))


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_of_a_tree_is_proved(size: int) -> None:
    hashes = leaves(size)
    for index, leaf in enumerate(hashes):
        proof = merkle.prove_inclusion(index, size, over(hashes))
        merkle.verify_inclusion(index, size, leaf, proof, reference_root(hashes))


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_is_of_one_leaf_at_one_place_only(size: int) -> None:
    hashes, root = leaves(size), reference_root(leaves(size))
    for index in range(size):
        proof = merkle.prove_inclusion(index, size, over(hashes))
        for other in range(-1, size + 2):
            for leaf in {hashes[index], hashes[other % size]}:
                if (other, leaf) != (index, hashes[index]):
                    with pytest.raises(InvalidInclusionProof):
                        merkle.verify_inclusion(other, size, leaf, proof, root)


@pytest.mark.parametrize("size", SIZES)
def test_every_older_size_is_proved_a_prefix(size: int) -> None:
    hashes = leaves(size)
    for old in range(1, size + 1):
        proof = merkle.prove_consistency(old, size, over(hashes))
        old_root = reference_root(hashes[:old])
        merkle.verify_consistency(old, size, proof, old_root, reference_root(hashes))


@given(st.data())
def test_a_history_with_another_leaf_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 80))
    old = data.draw(st.integers(1, new))
    at = data.draw(st.integers(0, old - 1))
    told, rewritten = leaves(new), leaves(new)
    rewritten[at] = merkle.leaf_hash(b"another")
    for history in (told, rewritten):
        proof = merkle.prove_consistency(old, new, over(history))
        with pytest.raises(InvalidConsistencyProof):
            merkle.verify_consistency(old, new, proof, reference_root(told[:old]), reference_root(rewritten))


def _flip(proof: list[bytes]) -> list[bytes]:
    at = len(proof) // 2
    changed = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    return [*proof[:at], changed, *proof[at + 1 :]]


MANGLED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a bit changed": _flip,
    "the first missing": lambda proof: proof[1:],
    "the last missing": lambda proof: proof[:-1],
    "a hash before": lambda proof: [bytes(32), *proof],
    "a hash after": lambda proof: [*proof, bytes(32)],
    "a hash doubled": lambda proof: [*proof, proof[-1]],
    "a short hash": lambda proof: [*proof[:-1], proof[-1][:-1]],
    "two hashes in one": lambda proof: [*proof[:-2], b"".join(proof[-2:])],
    "nothing": lambda _: [],
}


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
@pytest.mark.parametrize(("index", "size"), [(0, 8), (7, 8), (3, 13), (12, 13), (5, 7)])
def test_a_mangled_inclusion_proof_is_refused(
    mangle: Callable[[list[bytes]], list[bytes]], index: int, size: int
) -> None:
    hashes = leaves(size)
    proof = mangle(merkle.prove_inclusion(index, size, over(hashes)))
    with pytest.raises(InvalidInclusionProof):
        merkle.verify_inclusion(index, size, hashes[index], proof, reference_root(hashes))


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
@pytest.mark.parametrize(("old", "new"), [(1, 8), (4, 16), (6, 8), (3, 13), (12, 13), (5, 7)])
def test_a_mangled_consistency_proof_is_refused(
    mangle: Callable[[list[bytes]], list[bytes]], old: int, new: int
) -> None:
    hashes = leaves(new)
    proof = mangle(merkle.prove_consistency(old, new, over(hashes)))
    with pytest.raises(InvalidConsistencyProof):
        merkle.verify_consistency(old, new, proof, reference_root(hashes[:old]), reference_root(hashes))


def test_an_inner_node_is_no_leaf() -> None:
    """Second preimage: the two hashes below a node, taken for an entry."""
    hashes = leaves(4)
    forged = merkle.leaf_hash(hashes[0] + hashes[1])
    right = merkle.node_hash(hashes[2], hashes[3])
    with pytest.raises(InvalidInclusionProof):
        merkle.verify_inclusion(0, 2, forged, [right], reference_root(hashes))


@pytest.mark.parametrize("width", [0, 31, 33, 64])
def test_what_is_no_hash_is_in_no_tree_though_the_arithmetic_agrees(width: int) -> None:
    whole, other = bytes(32), bytes(width)
    for leaf, proof, root in (
        (other, [], other),
        (other, [whole], merkle.node_hash(other, whole)),
        (whole, [other], merkle.node_hash(whole, other)),
    ):
        with pytest.raises(InvalidInclusionProof):
            merkle.verify_inclusion(0, 1 + len(proof), leaf, proof, root)
    old, new = merkle.node_hash(whole, other), merkle.node_hash(whole, merkle.node_hash(other, whole))
    with pytest.raises(InvalidConsistencyProof):
        merkle.verify_consistency(3, 4, [other, whole, whole], old, new)


def test_a_proof_that_goes_on_above_the_root_is_refused() -> None:
    hashes, above = leaves(4), merkle.leaf_hash(b"above")
    with pytest.raises(InvalidInclusionProof, match="too long"):
        merkle.verify_inclusion(0, 1, hashes[1], [hashes[0]], merkle.root_of(hashes[:2]))
    proof = [*merkle.prove_consistency(3, 4, over(hashes)), above]
    roots = [merkle.node_hash(above, reference_root(hashes[:size])) for size in (3, 4)]
    with pytest.raises(InvalidConsistencyProof, match="too long"):
        merkle.verify_consistency(3, 4, proof, *roots)


def test_nothing_is_proved_from_the_empty_tree() -> None:
    hashes = leaves(3)
    with pytest.raises(ValueError, match="0 < old"):
        merkle.prove_consistency(0, 3, over(hashes))
    with pytest.raises(InvalidConsistencyProof):
        merkle.verify_consistency(0, 3, [], merkle.EMPTY_ROOT, reference_root(hashes))
    with pytest.raises(InvalidConsistencyProof):
        merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.prove_inclusion(index, 3, over(leaves(3)))


def test_no_proof_is_made_backwards() -> None:
    with pytest.raises(ValueError, match="old <= new"):
        merkle.prove_consistency(3, 2, over(leaves(3)))
    with pytest.raises(InvalidConsistencyProof):
        merkle.verify_consistency(3, 2, [], bytes(32), bytes(32))
