"""HPKE (RFC 9180), base mode, one message per key: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.

There is no `aad`: what a ciphertext belongs to goes into `info`.
"""

from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto.errors import InvalidKey, OpeningFailed

SUITE: Final = "DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM"
PRIVATE_KEY_SIZE: Final = 32
PUBLIC_KEY_SIZE: Final = 65
OVERHEAD: Final = 65 + 16
"""By how many bytes a ciphertext is longer than its plaintext: `enc` before it, the AEAD's tag after it."""

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def generate_private_key() -> bytes:
    """A fresh private key from the operating system's randomness, 32 bytes (RFC 9180 7.1.2)."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return number.to_bytes(PRIVATE_KEY_SIZE, "big")


def public_key_of(private_key: bytes) -> bytes:
    """The uncompressed point of a private key, 65 bytes. Raises InvalidKey."""
    public = _private(private_key).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def check_public_key(public_key: bytes) -> None:
    """Raises InvalidKey unless these are the 65 bytes of an uncompressed P-256 point."""
    _public(public_key)


def seal(public_key: bytes, info: bytes, plaintext: bytes) -> bytes:
    """`enc || ct` (RFC 9180 6.1). Raises InvalidKey."""
    return _SUITE.encrypt(plaintext, _public(public_key), info)


def opener(private_key: bytes) -> Callable[[bytes, bytes], bytes]:
    """The function that opens (`info`, ciphertext) with this key, prepared for many. Raises InvalidKey.

    The function raises OpeningFailed, whatever is wrong with a ciphertext.
    """
    key = _private(private_key)

    def open_one(info: bytes, ciphertext: bytes) -> bytes:
        try:
            return _SUITE.decrypt(ciphertext, key, info)
        except InvalidTag:
            raise OpeningFailed("not sealed for this key and this info") from None

    return open_one


def _private(private_key: bytes) -> ec.EllipticCurvePrivateKey:
    if len(private_key) != PRIVATE_KEY_SIZE:
        raise InvalidKey("an HPKE private key has 32 bytes")
    try:
        return ec.derive_private_key(int.from_bytes(private_key, "big"), ec.SECP256R1())
    except ValueError:
        raise InvalidKey("an HPKE private key is between 1 and the order of P-256") from None


def _public(public_key: bytes) -> ec.EllipticCurvePublicKey:
    if len(public_key) != PUBLIC_KEY_SIZE or public_key[0] != 4:
        raise InvalidKey("not an uncompressed P-256 point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        raise InvalidKey("not a point of P-256") from None
