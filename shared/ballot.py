"""The ballot's byte layout, docs/protocol.md section 6. Structure only: `shared.poll_keys` verifies."""

from dataclasses import dataclass
from typing import Final

from shared import labels
from shared.token import BALLOT_KEY_SIZE, POLL_ID_SIZE, PREFIX_SIZE, Token

MAX_BALLOT_SIZE: Final = 16_384
SIGNATURE_SIZE: Final = 64
_MIN_TOKEN_SIGNATURE: Final = 256
_MAX_TOKEN_SIGNATURE: Final = 512
_MAX_VECTOR: Final = 2**14 - 1


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
    """Decode strictly: what does not encode back to itself is refused. Raises MalformedBallot."""
    if len(data) > MAX_BALLOT_SIZE:
        raise MalformedBallot("longer than 16,384 bytes")
    reader = _Reader(data)
    if reader.take(len(labels.BALLOT)) != labels.BALLOT:
        raise MalformedBallot("another label")
    poll_id, ballot_key = reader.take(POLL_ID_SIZE), reader.take(BALLOT_KEY_SIZE)
    revision = reader.integer(4)
    tokens = _decode_tokens(reader.vector())
    answers, signature = reader.vector(), reader.take(SIGNATURE_SIZE)
    reader.end()
    ballot = Ballot(poll_id, ballot_key, revision, tokens, answers, signature)
    if encode_ballot(ballot) != data:
        raise MalformedBallot("does not encode back to itself")
    return ballot


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
    reader, tokens = _Reader(data), []
    while reader.left:
        tokens.append(Token(reader.integer(1), reader.take(PREFIX_SIZE), reader.take(reader.integer(2))))
    return tuple(tokens)


def _vector(data: bytes) -> bytes:
    if not 1 <= len(data) <= _MAX_VECTOR:
        raise MalformedBallot("a vector of a wrong size")
    return len(data).to_bytes(2, "big") + data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise MalformedBallot("too short")
        self._at += size
        return self._data[self._at - size : self._at]

    def integer(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self) -> bytes:
        return self.take(self.integer(2))

    def end(self) -> None:
        if self.left:
            raise MalformedBallot("too long")
