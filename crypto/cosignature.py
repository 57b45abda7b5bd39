"""C2SP cosignatures by witnesses, Ed25519, timestamped (c2sp.org/tlog-cosignature, cosignature/v1)."""

from collections.abc import Iterable
from typing import Final

from crypto import ed25519
from crypto.errors import CryptoError, InvalidSignature
from crypto.signed_note import NamedKey, parse_note

COSIGNATURE: Final = 4
"""The algorithm byte of a timestamped Ed25519 cosignature."""

_TIME_SIZE: Final = 8


class WitnessKey(NamedKey):
    """A key that cosigns checkpoints: a witness's."""

    algorithm = COSIGNATURE


def cosign(text: str, key: WitnessKey, seed: bytes, timestamp: int) -> str:
    """The signature line of a witness on a checkpoint's text, at `timestamp` (seconds since 1970)."""
    signature = ed25519.sign(seed, _message(text, timestamp))
    return key.line(timestamp.to_bytes(_TIME_SIZE, "big") + signature)


def cosignatures(note: bytes, known: Iterable[WitnessKey]) -> dict[WitnessKey, int]:
    """The known witnesses that cosigned a note, and the latest time of each.

    Unknown signatures are ignored. Raises MalformedNote, and InvalidSignature when a known one is wrong.
    """
    parsed = parse_note(note)
    keys = {(key.name, key.key_id): key for key in known}
    times: dict[WitnessKey, int] = {}
    for line in parsed.signatures:
        key = keys.get((line.name, line.key_id))
        if key is not None:
            times[key] = max(times.get(key, 0), _verified(key, parsed.text, line.signature))
    return times


def _verified(key: WitnessKey, text: str, signature: bytes) -> int:
    timestamp = int.from_bytes(signature[:_TIME_SIZE], "big")
    try:
        ed25519.verify(key.public, _message(text, timestamp), signature[_TIME_SIZE:])
    except CryptoError:
        raise InvalidSignature("a known witness's cosignature is wrong") from None
    return timestamp


def _message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
