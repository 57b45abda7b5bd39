"""The client's role: prepare, blind, finalize (RFC 9474 4.1, 4.2, 4.4). No server imports this module."""

import secrets
from dataclasses import dataclass, field

import gmpy2

from crypto import emsa_pss
from crypto.blind_rsa import verifier
from crypto.blind_rsa.suite import RANDOMIZED, Suite
from crypto.errors import BlindingError, InvalidInput, UnexpectedInputSize
from crypto.keys import TokenPublicKey


@dataclass(frozen=True, slots=True)
class Blinded:
    """A blinded message (modulus length) to send, and the inverse of its blinding factor to keep."""

    message: bytes
    inverse: int = field(repr=False)


def prepare(message: bytes, suite: Suite = RANDOMIZED) -> bytes:
    """Put a fresh random prefix before the message (RFC 9474 4.1)."""
    return secrets.token_bytes(suite.prefix_size) + message


def blind(key: TokenPublicKey, prepared: bytes, suite: Suite = RANDOMIZED) -> Blinded:
    """Blind a prepared message with fresh salt and factor (RFC 9474 4.2). Raises InvalidInput.

    The factor is a uniform unit below n by rejection sampling: what `blind_with` refuses is drawn again.
    """
    salt = secrets.token_bytes(suite.salt_size)
    while True:
        try:
            return blind_with(key, prepared, salt=salt, factor=secrets.randbits(key.n.bit_length()))
        except BlindingError:
            continue


def blind_with(key: TokenPublicKey, prepared: bytes, *, salt: bytes, factor: int) -> Blinded:
    """Blind with this salt and factor in [1, n). Raises InvalidInput, BlindingError."""
    encoded = int.from_bytes(emsa_pss.encode(prepared, key.n.bit_length() - 1, salt), "big")
    if gmpy2.gcd(encoded, key.n) != 1:
        raise InvalidInput("the encoded message shares a factor with the modulus")
    if not 0 < factor < key.n or gmpy2.gcd(factor, key.n) != 1:
        raise BlindingError("the factor has no inverse")
    blinded = encoded * gmpy2.powmod(factor, key.e, key.n) % key.n
    return Blinded(int(blinded).to_bytes(key.size, "big"), int(gmpy2.invert(factor, key.n)))


def finalize(
    key: TokenPublicKey, prepared: bytes, blind_signature: bytes, inverse: int, suite: Suite = RANDOMIZED
) -> bytes:
    """Unblind and verify (RFC 9474 4.4). Raises UnexpectedInputSize, InvalidSignature."""
    if len(blind_signature) != key.size:
        raise UnexpectedInputSize("a blind signature has the modulus length")
    signature = int.from_bytes(blind_signature, "big") * inverse % key.n
    encoded = signature.to_bytes(key.size, "big")
    verifier.verify(key, prepared, encoded, suite)
    return encoded
