"""Ballot signatures: ECDSA P-256 with SHA-256 (FIPS 186-5), r || s in 64 bytes, low s."""

from typing import Final

from cryptography import exceptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto.errors import InvalidKey, InvalidSignature

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the P-256 base point (FIPS 186-5, SP 800-186 3.2.1.3)."""

PUBLIC_KEY_SIZE: Final = 65
SIGNATURE_SIZE: Final = 64
_ALGORITHM: Final = ec.ECDSA(hashes.SHA256())


def generate() -> ec.EllipticCurvePrivateKey:
    """A fresh ballot key from the operating system's randomness."""
    return ec.generate_private_key(ec.SECP256R1())


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The uncompressed point of a key, 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Sign, with s replaced by its negative where it is the larger of the two."""
    r, s = decode_dss_signature(key.sign(message, _ALGORITHM))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature under an uncompressed point.

    Raises InvalidKey on a point that is not on the curve, InvalidSignature on a wrong or high-s signature.
    """
    if len(public) != PUBLIC_KEY_SIZE or public[0] != 4:
        raise InvalidKey("not an uncompressed P-256 point")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        raise InvalidKey("not a point of P-256") from None
    try:
        key.verify(_der(signature), message, _ALGORITHM)
    except exceptions.InvalidSignature:
        raise InvalidSignature("the ballot signature does not verify") from None


def _der(signature: bytes) -> bytes:
    if len(signature) != SIGNATURE_SIZE:
        raise InvalidSignature("a ballot signature has 64 bytes")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < ORDER and 0 < s <= ORDER // 2):
        raise InvalidSignature("r or s out of range, or s high")
    return encode_dss_signature(r, s)
