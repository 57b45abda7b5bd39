"""GOST R 34.11-2012 (Streebog-256) and raw GOST R 34.10-2012 signatures as ESIA wants and gives them.

A signature is 64 bytes, S || R, big-endian each. The digest is read as a little-endian number. That is
what `openssl dgst -md_gost12_256 -sign` prints with the gost engine. The curve is
id-GostR3410-2001-CryptoPro-XchA-ParamSet (RFC 4357 section 11.4); id-tc26-gost-3410-2012-256-paramSetB has
the same numbers.

Secrets stand as two random shares (key = a + b mod q, nonce = c + d mod q) that are never put together, and
each share takes the same steps as any other (`issuer.esia.gost_curve`). This is arithmetic in Python, so no
promise: whoever signs on a machine shared with strangers should sign outside
(`issuer.esia.signer.signer_from_command`).
"""

import secrets
from dataclasses import dataclass
from typing import Final

from gmpy2 import invert, mpz

from issuer.esia import libgcrypt, streebog
from issuer.esia.errors import GostKeyInvalid, GostSignatureInvalid
from issuer.esia.gost_curve import Q, base_table, combine, key_table, on_curve

SIGNATURE_SIZE: Final = 64

streebog256: Final = libgcrypt.streebog256() or streebog.digest
"""GOST R 34.11-2012 with 256 bits (RFC 6986), in the byte order that openssl prints."""

_HALF: Final = 32


@dataclass(frozen=True, slots=True)
class GostPublicKey:
    """A point of the curve. Raises GostKeyInvalid for anything else."""

    x: int
    y: int

    def __post_init__(self) -> None:
        if not on_curve(self.x, self.y):
            raise GostKeyInvalid("the public key is not a point of the curve")


@dataclass(frozen=True, slots=True, repr=False)
class GostPrivateKey:
    """A secret number. Raises GostKeyInvalid out of range."""

    secret: int

    def __post_init__(self) -> None:
        if not 0 < self.secret < Q:
            raise GostKeyInvalid("the private key is out of range")

    def public_key(self) -> GostPublicKey:
        """The point that belongs to the secret."""
        return GostPublicKey(*combine(*((base_table(), share) for share in _shares(self.secret))))


def generate_private_key() -> GostPrivateKey:
    """A fresh key from the OS random source."""
    return GostPrivateKey(1 + secrets.randbelow(int(Q) - 1))


def sign(key: GostPrivateKey, message: bytes) -> bytes:
    """Sign a message; 64 bytes S || R."""
    while True:
        nonce = secrets.randbelow(int(Q)), secrets.randbelow(int(Q))
        signature = _sign_with(key, message, nonce)
        if signature is not None:
            return signature


def verify(key: GostPublicKey, message: bytes, signature: bytes) -> None:
    """Verify 64 bytes S || R over a message (section 6.2). Raises GostSignatureInvalid."""
    if len(signature) != SIGNATURE_SIZE:
        raise GostSignatureInvalid("a signature has 64 bytes")
    s, r = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    if not (0 < r < Q and 0 < s < Q):
        raise GostSignatureInvalid("r or s out of range")
    v = invert(_digest(message), Q)
    point = combine((base_table(), s * v % Q), (key_table(key.x, key.y), -r * v % Q))
    if point[0] % Q != r:
        raise GostSignatureInvalid("the signature does not verify")


def _sign_with(key: GostPrivateKey, message: bytes, nonce: tuple[int, int]) -> bytes | None:
    """Sign with the two shares of a nonce (section 6.1); None where the standard asks for another nonce."""
    point = combine(*((base_table(), share) for share in nonce))
    r, e = point[0] % Q, _digest(message)
    s = sum(r * share for share in _shares(key.secret)) + sum(e * share for share in nonce)
    return b"".join(int(n).to_bytes(_HALF, "big") for n in (s % Q, r)) if r and s % Q else None


def _shares(secret: int) -> tuple[int, int]:
    """Two numbers, each random for itself, with this sum modulo the order."""
    share = secrets.randbelow(int(Q))
    return share, int((secret - share) % Q)


def _digest(message: bytes) -> mpz:
    """e of the standard: the digest as a little-endian number modulo the order, 1 in place of 0."""
    return mpz(int.from_bytes(streebog256(message), "little")) % Q or mpz(1)
