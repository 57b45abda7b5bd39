"""A reader not written by us, that of sigstore, takes our checkpoints and inclusion proofs."""

import base64
from importlib import import_module

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore.errors import VerificationError
from sigstore.models import TransparencyLogEntry

from crypto import ed25519, merkle, tiles
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.signed_note import VerifierKey
from crypto.tiles import Tile

# Their models are annotated with what they decode to, not with the JSON they are made of.
rekor = import_module("sigstore_models.rekor.v1")
common = import_module("sigstore_models.common.v1")

pytestmark = pytest.mark.interop

SEED = b"\x05" * 32
"""TEST KEY."""

ORIGIN = "log.example/log/a"
KEY = VerifierKey(ORIGIN, ed25519.public_key(SEED))
ENTRIES = [f"entry {n}".encode() for n in range(300)]
HASHES = [merkle.leaf_hash(entry) for entry in ENTRIES]


def keyring() -> RekorKeyring:
    spki = Ed25519PublicKey.from_public_bytes(KEY.public).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    details = common.PublicKeyDetails.PKIX_ED25519
    return RekorKeyring(Keyring([common.PublicKey(raw_bytes=base64.b64encode(spki), key_details=details)]))


def as_sigstore_reads(
    index: int, size: int, *, entry: bytes | None = None, note: bytes | None = None
) -> TransparencyLogEntry:
    """Leaf, proof and checkpoint of a log of ours, in the form of a sigstore bundle."""
    stored = {(tile.level, tile.index): data for tile, data in tiles.extend(0, HASHES[:size], lambda _: b"")}

    def read(tile: Tile) -> bytes:
        return stored[tile.level, tile.index]

    proof = merkle.prove_inclusion(index, size, tiles.subtree_reader(size, read))
    head = Checkpoint(ORIGIN, size, merkle.root_of(HASHES[:size]))
    signed = note or sign_checkpoint(head, SEED)
    return TransparencyLogEntry(
        rekor.TransparencyLogEntry(
            log_index=str(index),
            log_id=common.LogId(key_id=base64.b64encode(KEY.key_id)),
            kind_version=rekor.KindVersion(kind="veche", version="1"),
            inclusion_proof=rekor.InclusionProof(
                log_index=str(index),
                tree_size=str(size),
                root_hash=base64.b64encode(head.root),
                hashes=[base64.b64encode(item) for item in proof],
                checkpoint=rekor.Checkpoint(envelope=signed.decode()),
            ),
            canonicalized_body=base64.b64encode(entry or ENTRIES[index]),
        )
    )


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (4, 7), (255, 256), (256, 257), (299, 300)])
def test_sigstore_takes_our_checkpoint_and_inclusion_proof(index: int, size: int) -> None:
    entry = as_sigstore_reads(index, size)
    verify_checkpoint(keyring(), entry)
    verify_merkle_inclusion(entry)


def test_sigstore_refuses_another_leaf() -> None:
    with pytest.raises(VerificationError):
        verify_merkle_inclusion(as_sigstore_reads(4, 7, entry=b"another"))


def test_sigstore_refuses_a_checkpoint_of_another_root() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), SEED)
    with pytest.raises(VerificationError):
        verify_checkpoint(keyring(), as_sigstore_reads(4, 7, note=note))


def test_sigstore_refuses_a_checkpoint_signed_by_another_key() -> None:
    head = Checkpoint(ORIGIN, 7, merkle.root_of(HASHES[:7]))
    ours, theirs = sign_checkpoint(head, SEED).decode(), sign_checkpoint(head, b"\x06" * 32).decode()
    signature = base64.b64decode(theirs.split(" ")[2])[4:]
    forged = base64.b64encode(KEY.key_id + signature).decode()
    note = f"{ours.rpartition(' ')[0]} {forged}\n".encode()
    with pytest.raises(VerificationError):
        verify_checkpoint(keyring(), as_sigstore_reads(4, 7, note=note))
