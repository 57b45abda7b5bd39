"""Domain labels, docs/protocol.md 1.5: the first bytes of every leaf and of every signed statement."""

from typing import Final

MANIFEST: Final = b"veche/manifest/v1\n"
LOG_REQUEST: Final = b"veche/log-request/v1\n"
TOKEN: Final = b"veche/token/v1\n"
ISSUED: Final = b"veche/issued/v1\n"
PROMISE: Final = b"veche/promise/v1\n"
ISSUANCE_CLOSING: Final = b"veche/issuance-closing/v1\n"
BALLOT: Final = b"veche/ballot/v1\n"
BALLOT_SIGNATURE: Final = b"veche/ballot-signature/v1\n"
RECEIPT: Final = b"veche/receipt/v1\n"
CLOSING: Final = b"veche/closing/v1\n"
CANCELLATION: Final = b"veche/cancellation/v1\n"
DECISION: Final = b"veche/decision/v1\n"
RESULT: Final = b"veche/result/v1\n"
CATALOGUE_POLL: Final = b"veche/catalogue-poll/v1\n"
CATALOGUE_RESULT: Final = b"veche/catalogue-result/v1\n"
