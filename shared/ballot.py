"""The ballot's byte layout, docs/protocol.md section 6. Structure only: `shared.poll_keys` verifies."""

import struct
from dataclasses import dataclass
from typing import Final

from shared import labels
from shared.token import BALLOT_KEY_SIZE, POLL_ID_SIZE, PREFIX_SIZE, Token

MAX_BALLOT_SIZE: Final = 16_384
SIGNATURE_SIZE: Final = 64
_MIN_TOKEN_SIGNATURE: Final = 256
_MAX_TOKEN_SIGNATURE: Final = 512
_MAX_VECTOR: Final = 2**14 - 1
_HEAD: Final = struct.Struct(f">{len(labels.BALLOT)}s{POLL_ID_SIZE}s{BALLOT_KEY_SIZE}sIH")
"""Label, poll id, ballot key, revision, length of the tokens."""
_TOKEN: Final = struct.Struct(f">B{PREFIX_SIZE}sH")
"""Issuer, prefix, length of the signature."""
_LENGTH: Final = struct.Struct(">H")


class MalformedBallot(Exception):
    """Bytes that are not a ballot of section 6.1. The message names the place, never the content."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A decoded ballot.

    `poll_id` 32 bytes, `ballot_key` 65 bytes (uncompressed P-256 point), `answers` as padded bytes,
    `signature` r || s in 64 bytes.
    """

    poll_id: bytes
    ballot_key: bytes
    revision: int
    tokens: tuple[Token, ...]
    answers: bytes
    signature: bytes


def signed_part(
    poll_id: bytes, ballot_key: bytes, revision: int, tokens: tuple[Token, ...], answers: bytes
) -> bytes:
    """All bytes of a ballot before its signature (section 6.1). Raises MalformedBallot on wrong sizes."""
    if len(poll_id) != POLL_ID_SIZE or len(ballot_key) != BALLOT_KEY_SIZE or not 0 <= revision < 2**32:
        raise MalformedBallot("poll id, ballot key or revision of a wrong size")
    body = b"".join(_encode_token(token) for token in tokens)
    return b"".join(
        (
            labels.BALLOT,
            poll_id,
            ballot_key,
            revision.to_bytes(4, "big"),
            _vector(body),
            _vector(answers),
        )
    )


def signature_message(part: bytes) -> bytes:
    """What the ballot key signs, given `signed_part` (section 6.3)."""
    return labels.BALLOT_SIGNATURE + part


def decode_ballot(data: bytes) -> Ballot:
    """Decode strictly: what is taken encodes back to itself. Raises MalformedBallot."""
    if len(data) > MAX_BALLOT_SIZE:
        raise MalformedBallot("longer than 16,384 bytes")
    try:
        label, poll_id, ballot_key, revision, size = _HEAD.unpack_from(data)
        middle = _HEAD.size + size
        tokens = _decode_tokens(data[_HEAD.size : middle])
        end = middle + _LENGTH.size + _LENGTH.unpack_from(data, middle)[0]
    except struct.error:
        raise MalformedBallot("too short") from None
    if label != labels.BALLOT:
        raise MalformedBallot("another label")
    if len(data) != end + SIGNATURE_SIZE:
        raise MalformedBallot("too short" if len(data) < end + SIGNATURE_SIZE else "too long")
    answers = data[middle + _LENGTH.size : end]
    if not (tokens and 0 < len(answers) <= _MAX_VECTOR and size <= _MAX_VECTOR):
        raise MalformedBallot("a vector of a wrong size")
    return Ballot(poll_id, ballot_key, revision, tokens, answers, data[end:])


def encode_ballot(ballot: Ballot) -> bytes:
    """The ballot's bytes. Raises MalformedBallot on wrong sizes."""
    if len(ballot.signature) != SIGNATURE_SIZE:
        raise MalformedBallot("signature of a wrong size")
    part = signed_part(ballot.poll_id, ballot.ballot_key, ballot.revision, ballot.tokens, ballot.answers)
    return part + ballot.signature


def signed_bytes(data: bytes) -> bytes:
    """What the signature at the end of these ballot bytes is made over (section 6.3)."""
    return signature_message(data[:-SIGNATURE_SIZE])


def _encode_token(token: Token) -> bytes:
    size = len(token.signature)
    if not (
        0 <= token.issuer < 256
        and len(token.prefix) == PREFIX_SIZE
        and _MIN_TOKEN_SIGNATURE <= size <= _MAX_TOKEN_SIGNATURE
    ):
        raise MalformedBallot("token of a wrong size")
    return token.issuer.to_bytes(1, "big") + token.prefix + size.to_bytes(2, "big") + token.signature


def _decode_tokens(data: bytes) -> tuple[Token, ...]:
    """Raises struct.error when they end too early, MalformedBallot on a signature of a wrong size."""
    tokens, at = [], 0
    while at < len(data):
        issuer, prefix, size = _TOKEN.unpack_from(data, at)
        at += _TOKEN.size + size
        if at > len(data) or not _MIN_TOKEN_SIGNATURE <= size <= _MAX_TOKEN_SIGNATURE:
            raise MalformedBallot("token of a wrong size")
        tokens.append(Token(issuer, prefix, data[at - size : at]))
    return tuple(tokens)


def _vector(data: bytes) -> bytes:
    if not 1 <= len(data) <= _MAX_VECTOR:
        raise MalformedBallot("a vector of a wrong size")
    return _LENGTH.pack(len(data)) + data
