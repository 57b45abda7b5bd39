"""EMSA-PSS encoding with SHA-384 and MGF1-SHA-384 (RFC 8017 9.1.1), the salt given."""

import hashlib
from typing import Final

from crypto.errors import MessageTooLong

HASH_SIZE: Final = 48


def encode(message: bytes, em_bits: int, salt: bytes) -> bytes:
    """Encode a message in ceil(em_bits / 8) bytes. Raises MessageTooLong.

    For RSA `em_bits` is the modulus length in bits minus 1 (RFC 8017 8.1.1; RFC 9474 4.2 prints it without).
    """
    size = (em_bits + 7) // 8
    if size < HASH_SIZE + len(salt) + 2:
        raise MessageTooLong("the modulus is too short for hash and salt")
    digest = _sha384(bytes(8) + _sha384(message) + salt)
    block = bytes(size - len(salt) - HASH_SIZE - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mgf1(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * size - em_bits)
    return bytes(masked) + digest + b"\xbc"


def _mgf1(seed: bytes, size: int) -> bytes:
    """The mask of RFC 8017 B.2.1."""
    blocks = (_sha384(seed + counter.to_bytes(4, "big")) for counter in range(-(-size // HASH_SIZE)))
    return b"".join(blocks)[:size]


def _sha384(data: bytes) -> bytes:
    return hashlib.sha384(data).digest()
