"""The issuance log's leaf and the issuer's promise to publish it, docs/protocol.md 5.2 and 5.3."""

import hashlib

from crypto import ed25519
from crypto.merkle import leaf_hash
from shared import labels


def issuance_leaf(poll_id: bytes, pseudonym: bytes, nonce: bytes, blinded_message: bytes) -> bytes:
    """The leaf that commits to one issuance and tells nothing to who lacks the 32-byte nonce."""
    request = hashlib.sha256(blinded_message).digest()
    return labels.ISSUED + hashlib.sha256(labels.ISSUED + poll_id + pseudonym + nonce + request).digest()


def sign_promise(seed: bytes, poll_id: bytes, leaf: bytes) -> bytes:
    """Promise that this leaf will be in the issuance log by `include_by`: 64-byte Ed25519 signature."""
    return ed25519.sign(seed, promise_statement(poll_id, leaf))


def verify_promise(statement_key: bytes, poll_id: bytes, leaf: bytes, promise: bytes) -> None:
    """Check a promise for a leaf. Raises InvalidSignature."""
    ed25519.verify(statement_key, promise_statement(poll_id, leaf), promise)


def promise_statement(poll_id: bytes, leaf: bytes) -> bytes:
    """The signed bytes: label, poll id (32), RFC 6962 hash of the leaf (32)."""
    return labels.PROMISE + poll_id + leaf_hash(leaf)
