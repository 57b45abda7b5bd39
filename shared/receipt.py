"""The ballot box's receipt, docs/protocol.md 6.5."""

from crypto import ed25519
from crypto.merkle import leaf_hash
from shared import labels


def receipt_statement(poll_id: bytes, leaf: bytes) -> bytes:
    """The signed bytes: label, poll id (32), RFC 6962 leaf hash (32)."""
    return labels.RECEIPT + poll_id + leaf


def sign_receipt(seed: bytes, poll_id: bytes, ballot: bytes) -> bytes:
    """Promise that these ballot bytes will be in the log by `include_by`: 64-byte Ed25519 signature."""
    return ed25519.sign(seed, receipt_statement(poll_id, leaf_hash(ballot)))


def verify_receipt(statement_key: bytes, poll_id: bytes, leaf: bytes, receipt: bytes) -> None:
    """Check a receipt for a leaf hash. Raises InvalidSignature."""
    ed25519.verify(statement_key, receipt_statement(poll_id, leaf), receipt)
