"""The ballot box's receipt, docs/protocol.md 6.5."""

from collections.abc import Callable

from crypto import ed25519
from shared import labels


def receipt_statement(poll_id: bytes, leaf: bytes) -> bytes:
    """The signed bytes: label, poll id (32), RFC 6962 leaf hash (32)."""
    return labels.RECEIPT + poll_id + leaf


def sign_receipt(sign: Callable[[bytes], bytes], poll_id: bytes, leaf: bytes) -> bytes:
    """Promise that the ballot with this leaf hash will be in the log by `include_by`: 64 bytes.

    `sign`: `crypto.ed25519.signer` of the statement key.
    """
    return sign(receipt_statement(poll_id, leaf))


def verify_receipt(statement_key: bytes, poll_id: bytes, leaf: bytes, receipt: bytes) -> None:
    """Check a receipt for a leaf hash. Raises InvalidSignature."""
    ed25519.verify(statement_key, receipt_statement(poll_id, leaf), receipt)
