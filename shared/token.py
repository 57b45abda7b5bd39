"""What a token signs, docs/protocol.md section 4."""

from dataclasses import dataclass

from shared import labels

POLL_ID_SIZE = 32
BALLOT_KEY_SIZE = 65
PREFIX_SIZE = 32


@dataclass(frozen=True, slots=True)
class Token:
    """One issuer's signature on a ballot key: manifest index, 32-byte prefix, signature of modulus length."""

    issuer: int
    prefix: bytes
    signature: bytes


def token_message(poll_id: bytes, ballot_key: bytes) -> bytes:
    """The message a token signs (docs/protocol.md 4.3), before the randomizing prefix.

    Raises ValueError on a poll id that is not 32 bytes or a key that is not 65.
    """
    if len(poll_id) != POLL_ID_SIZE or len(ballot_key) != BALLOT_KEY_SIZE:
        raise ValueError("a poll id has 32 bytes and a ballot key 65")
    return labels.TOKEN + poll_id + ballot_key
