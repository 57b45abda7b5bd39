"""RSA token keys: generation, strict DER, soundness (docs/protocol.md 4.1)."""

from dataclasses import dataclass, field
from functools import cached_property
from hmac import compare_digest
from math import gcd
from typing import Final

import gmpy2
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from crypto.errors import InvalidKey

ALLOWED_BITS: Final = (2048, 3072, 4096)
PUBLIC_EXPONENT: Final = 65537


_SMALL_PRIMES: Final = int(gmpy2.primorial(2**16))
"""The product of all primes below 2^16."""


@dataclass(frozen=True)
class TokenPublicKey:
    """A sound RSA public key with the DER SubjectPublicKeyInfo it came as."""

    n: int
    e: int
    der: bytes = field(repr=False)

    @cached_property
    def size(self) -> int:
        """Modulus length in bytes."""
        return (self.n.bit_length() + 7) // 8

    @cached_property
    def verifier(self) -> rsa.RSAPublicKey:
        """The key as `cryptography` uses it."""
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()


def generate_token_key(bits: int) -> bytes:
    """A fresh RSA private key as PKCS #8 DER. Raises InvalidKey on a size that is not allowed."""
    if bits not in ALLOWED_BITS:
        raise InvalidKey("a token key has 2048, 3072 or 4096 bits")
    return _private_der(rsa.generate_private_key(PUBLIC_EXPONENT, bits))


def load_private_key(der: bytes) -> rsa.RSAPrivateKey:
    """Read an unencrypted PKCS #8 DER RSA key. Raises InvalidKey, without telling what it read."""
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKey("not a private key in DER") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidKey("not an RSA key")
    if not compare_digest(_private_der(key), der):
        raise InvalidKey("not the PKCS #8 DER of its key")
    return key


def public_key_of(private_der: bytes) -> TokenPublicKey:
    """The public half of a PKCS #8 DER key. Raises InvalidKey."""
    key = load_private_key(private_der).public_key()
    return load_token_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def load_token_key(der: bytes) -> TokenPublicKey:
    """Read a DER SubjectPublicKeyInfo with the rsaEncryption OID, and check the key.

    Raises InvalidKey when it does not encode back to itself, or has another size or exponent,
    or a small factor.
    """
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKey("not a public key in DER") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidKey("not an RSA key")
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != der:
        raise InvalidKey("not the rsaEncryption SubjectPublicKeyInfo of its key")
    numbers = key.public_numbers()
    check_token_key(numbers.n, numbers.e)
    return TokenPublicKey(numbers.n, numbers.e, der)


def check_token_key(n: int, e: int) -> None:
    """Check size, exponent and small factors. Raises InvalidKey."""
    if n.bit_length() not in ALLOWED_BITS:
        raise InvalidKey("a token key has 2048, 3072 or 4096 bits")
    if e != PUBLIC_EXPONENT:
        raise InvalidKey("the exponent of a token key is 65537")
    if gcd(n, _SMALL_PRIMES) != 1:
        raise InvalidKey("the modulus has a small factor")


def _private_der(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
