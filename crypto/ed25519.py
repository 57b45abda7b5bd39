"""Ed25519 (RFC 8032) with raw keys: 32-byte seeds and public keys, 64-byte signatures."""

from collections.abc import Callable

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors import InvalidKey, InvalidSignature


def public_key(seed: bytes) -> bytes:
    """The public key of a 32-byte seed. Raises InvalidKey."""
    return _private(seed).public_key().public_bytes_raw()


def signer(seed: bytes) -> Callable[[bytes], bytes]:
    """`sign` with the key loaded once, which is most of the work. Raises InvalidKey."""
    return _private(seed).sign


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign; the same seed and message give the same bytes. Raises InvalidKey."""
    return _private(seed).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature. Raises InvalidSignature, or InvalidKey on a key that has not 32 bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise InvalidKey("not an Ed25519 public key") from None
    try:
        key.verify(signature, message)
    except exceptions.InvalidSignature:
        raise InvalidSignature("the Ed25519 signature does not verify") from None


def _private(seed: bytes) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(seed)
    except ValueError:
        raise InvalidKey("not a 32-byte Ed25519 seed") from None
