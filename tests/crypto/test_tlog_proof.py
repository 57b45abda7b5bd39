"""Proofs of c2sp.org/tlog-proof: ours read back, others are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import ed25519, merkle
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.errors import CryptoError, InvalidInclusionProof, InvalidSignature, MalformedProof
from crypto.signed_note import VerifierKey
from crypto.tlog_proof import TlogProof, parse_proof

ORIGIN = "log.example/catalogue"
SEED = b"TEST KEY of a log..............."
KEY = VerifierKey(ORIGIN, ed25519.public_key(SEED))
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(3)]


def proof(seed: bytes = SEED) -> TlogProof:
    note = sign_checkpoint(Checkpoint(ORIGIN, 3, merkle.root_of(LEAVES)), seed)
    return TlogProof(1, (LEAVES[0], LEAVES[2]), note)


def test_a_proof_has_the_form_of_the_specification() -> None:
    header, index, first, second, empty, origin, *_ = proof().to_bytes().decode().split("\n")
    assert (header, index, empty, origin) == ("c2sp.org/tlog-proof@v1", "index 1", "", ORIGIN)
    assert len(first) == len(second) == 44


def test_a_proof_reads_back_and_verifies() -> None:
    read = parse_proof(proof().to_bytes())
    assert read == proof()
    assert read.verify(KEY, LEAVES[1]).size == 3


def test_another_leaf_is_not_proven() -> None:
    with pytest.raises(InvalidInclusionProof):
        proof().verify(KEY, LEAVES[2])


def test_a_checkpoint_under_another_key_proves_nothing() -> None:
    forged = proof(b"TEST KEY of a stranger.........."[:32])
    with pytest.raises(CryptoError):
        forged.verify(KEY, LEAVES[1])
    swapped = TlogProof(1, proof().hashes, proof().note.replace(b"\n3\n", b"\n4\n"))
    with pytest.raises(InvalidSignature):
        swapped.verify(KEY, LEAVES[1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 1\n", b"index 01\n"),
        (b"index 1\n", b"index -1\n"),
        (b"index 1\n", b"extra AAAA\nindex 1\n"),
        (b"index 1\n", b"index 1\nAAAA\n"),
        (b"\n\n", b"\n"),
    ],
)
def test_another_form_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(MalformedProof):
        parse_proof(proof().to_bytes().replace(old, new))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(MalformedProof):
        parse_proof(data)
