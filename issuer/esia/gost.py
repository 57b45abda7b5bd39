"""GOST R 34.11-2012 (Streebog-256) and raw GOST R 34.10-2012 signatures as ESIA wants and gives them.

A signature is 64 bytes, S || R, big-endian each. The digest is read as a little-endian number. That is
what `openssl dgst -md_gost12_256 -sign` prints with the gost engine. The curve is
id-GostR3410-2001-CryptoPro-XchA-ParamSet (RFC 4357 section 11.4); id-tc26-gost-3410-2012-256-paramSetB has
the same numbers.

The arithmetic is gostcrypto's: pure Python, not constant-time. Whoever signs on a machine shared with
strangers should sign outside (`issuer.esia.signer.signer_from_command`).
"""

import secrets
from dataclasses import dataclass
from typing import Final

from gostcrypto import gosthash, gostsignature

from issuer.esia.errors import GostKeyInvalid, GostSignatureInvalid

SIGNATURE_SIZE: Final = 64

_HALF: Final = 32
_CURVE: Final = gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-2012-256-paramSetB"]
_P: Final[int] = _CURVE["p"]
_A: Final[int] = _CURVE["a"]
_B: Final[int] = _CURVE["b"]
_Q: Final[int] = _CURVE["q"]


class _Signature(gostsignature.GOST34102012):  # type: ignore[misc]
    """gostcrypto with the inversion of the standard library: a sign-in takes half the time."""

    @staticmethod
    def _invert(value: int, n_mod: int) -> int:
        """Raises ValueError for zero: a signature made to meet the point at infinity."""
        return pow(value, -1, n_mod)


_SIGNATURE: Final = _Signature(gostsignature.MODE_256, _CURVE)


@dataclass(frozen=True, slots=True)
class GostPublicKey:
    """A point of the curve. Raises GostKeyInvalid for anything else."""

    x: int
    y: int

    def __post_init__(self) -> None:
        # gostcrypto takes a zero coordinate for the base point, so none may come through.
        if not (0 < self.x < _P and 0 < self.y < _P and (self.y**2 - self.x**3 - _A * self.x - _B) % _P == 0):
            raise GostKeyInvalid("the public key is not a point of the curve")


@dataclass(frozen=True, slots=True, repr=False)
class GostPrivateKey:
    """A secret number. Raises GostKeyInvalid out of range."""

    secret: int

    def __post_init__(self) -> None:
        if not 0 < self.secret < _Q:
            raise GostKeyInvalid("the private key is out of range")

    def public_key(self) -> GostPublicKey:
        """The point that belongs to the secret."""
        point = bytes(_SIGNATURE.public_key_generate(bytearray(self.secret.to_bytes(_HALF, "big"))))
        return GostPublicKey(int.from_bytes(point[:_HALF], "big"), int.from_bytes(point[_HALF:], "big"))


def generate_private_key() -> GostPrivateKey:
    """A fresh key from the OS random source."""
    return GostPrivateKey(_random_number())


def streebog256(data: bytes) -> bytes:
    """GOST R 34.11-2012 with 256 bits (RFC 6986), in the byte order that openssl prints."""
    return bytes(gosthash.new("streebog256", data=bytearray(data)).digest())


def sign(key: GostPrivateKey, message: bytes) -> bytes:
    """Sign a message; 64 bytes S || R."""
    return _sign_with(key, message, nonce=_random_number())


def verify(key: GostPublicKey, message: bytes, signature: bytes) -> None:
    """Verify 64 bytes S || R over a message. Raises GostSignatureInvalid."""
    if len(signature) != SIGNATURE_SIZE:
        raise GostSignatureInvalid("a signature has 64 bytes")
    s, r = signature[:_HALF], signature[_HALF:]
    point = key.x.to_bytes(_HALF, "big") + key.y.to_bytes(_HALF, "big")
    try:
        valid = _SIGNATURE.verify(bytearray(point), _digest(message), bytearray(r + s))
    except ValueError:
        valid = False
    if not valid:
        raise GostSignatureInvalid("the signature does not verify")


def _sign_with(key: GostPrivateKey, message: bytes, *, nonce: int) -> bytes:
    secret, random = bytearray(key.secret.to_bytes(_HALF, "big")), bytearray(nonce.to_bytes(_HALF, "big"))
    r_s = bytes(_SIGNATURE.sign(secret, _digest(message), random))
    return r_s[_HALF:] + r_s[:_HALF]


def _digest(message: bytes) -> bytearray:
    """The digest as gostcrypto reads it: a big-endian number, so bytes are turned round."""
    return bytearray(streebog256(message)[::-1])


def _random_number() -> int:
    return 1 + secrets.randbelow(_Q - 1)
