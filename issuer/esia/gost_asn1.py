"""GOST keys and certificates as DER (RFC 9215, RFC 5208, RFC 5280): read, and written for the stand.

`cryptography` parses a GOST certificate but does not know its key, so the structures are spelled out here.
"""

import base64
import binascii
import re
import textwrap
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, TypeVar, cast

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from issuer.esia.errors import GostKeyInvalid
from issuer.esia.gost import GostPrivateKey, GostPublicKey, sign, streebog256

KEY_OID: Final = ObjectIdentifier("1.2.643.7.1.1.1.1")
"""id-tc26-gost3410-12-256."""

_SIGNATURE_OID: Final = ObjectIdentifier("1.2.643.7.1.1.3.2")
_DIGEST_OID: Final = ObjectIdentifier("1.2.643.7.1.1.2.2")
_CURVE_OID: Final = ObjectIdentifier("1.2.643.2.2.36.0")
# One curve under three names: CryptoPro-XchA, CryptoPro-A, tc26-256-paramSetB.
_CURVE_OIDS: Final = frozenset({
    _CURVE_OID, ObjectIdentifier("1.2.643.2.2.35.1"), ObjectIdentifier("1.2.643.7.1.2.1.1.2")
})  # fmt: skip
_HALF: Final = 32
_OCTETS_64: Final = b"\x04\x40"

Structure = TypeVar("Structure")


@asn1.sequence
class _Parameters:
    curve: ObjectIdentifier
    digest: ObjectIdentifier | None


@asn1.sequence
class _KeyAlgorithm:
    oid: ObjectIdentifier
    parameters: _Parameters


@asn1.sequence
class _PrivateKeyInfo:
    version: int
    algorithm: _KeyAlgorithm
    key: bytes


@asn1.sequence
class _PublicKeyInfo:
    algorithm: _KeyAlgorithm
    key: asn1.BitString


@asn1.sequence
class _SignatureAlgorithm:
    oid: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Validity:
    not_before: asn1.UTCTime | asn1.GeneralizedTime
    not_after: asn1.UTCTime | asn1.GeneralizedTime


@asn1.sequence
class _ToBeSigned:
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    signature: _SignatureAlgorithm
    issuer: asn1.TLV
    validity: _Validity
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class _Certificate:
    content: _ToBeSigned
    algorithm: _SignatureAlgorithm
    signature: asn1.BitString


def load_private_key(data: bytes) -> GostPrivateKey:
    """Read PKCS #8, PEM or DER, unencrypted. Raises GostKeyInvalid."""
    info = _decode(_PrivateKeyInfo, der_of(data))
    _check_algorithm(info.algorithm)
    if len(info.key) != _HALF:
        raise GostKeyInvalid("the private key is not 32 bytes")
    return GostPrivateKey(int.from_bytes(info.key, "little"))


def load_public_key(data: bytes) -> GostPublicKey:
    """Read a SubjectPublicKeyInfo or a certificate, PEM or DER. Raises GostKeyInvalid."""
    der = der_of(data)
    try:
        certificate = asn1.decode_der(_Certificate, der)
    except ValueError:
        return _point(_decode(_PublicKeyInfo, der))
    try:
        return _point(certificate.content.key.parse(_PublicKeyInfo))
    except ValueError:
        raise GostKeyInvalid("the certificate's key is not a GOST key") from None


@lru_cache(maxsize=8)
def certificate_hash(certificate: bytes) -> str:
    """ESIA's `client_certificate_hash`: Streebog-256 over the DER certificate, upper-case hex."""
    return streebog256(certificate).hex().upper()


def encode_private_key(key: GostPrivateKey) -> bytes:
    """PKCS #8 as PEM, as openssl writes it."""
    secret = key.secret.to_bytes(_HALF, "little")
    info = asn1.encode_der(_PrivateKeyInfo(version=0, algorithm=_key_algorithm(), key=secret))
    body = "\n".join(textwrap.wrap(base64.b64encode(info).decode(), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n".encode()


def encode_public_key(key: GostPublicKey) -> bytes:
    """SubjectPublicKeyInfo, DER: an OCTET STRING of X || Y, little-endian each (RFC 9215 section 4.2)."""
    point = key.x.to_bytes(_HALF, "little") + key.y.to_bytes(_HALF, "little")
    return asn1.encode_der(
        _PublicKeyInfo(algorithm=_key_algorithm(), key=asn1.BitString(_OCTETS_64 + point, 0))
    )


def self_signed_certificate(
    key: GostPrivateKey, name: x509.Name, *, serial: int, not_before: datetime, not_after: datetime
) -> bytes:
    """A self-signed certificate without extensions, DER. Times are aware and of whole seconds."""
    subject = asn1.decode_der(asn1.TLV, name.public_bytes())
    content = _ToBeSigned(
        version=None,
        serial=serial,
        signature=_signature_algorithm(),
        issuer=subject,
        validity=_Validity(not_before=asn1.UTCTime(not_before), not_after=asn1.UTCTime(not_after)),
        subject=subject,
        key=asn1.decode_der(asn1.TLV, encode_public_key(key.public_key())),
        extensions=None,
    )
    signature = asn1.BitString(sign(key, asn1.encode_der(content)), 0)
    return asn1.encode_der(
        _Certificate(content=content, algorithm=_signature_algorithm(), signature=signature)
    )


def der_of(data: bytes) -> bytes:
    """The DER inside of one PEM block, or the bytes themselves. Raises GostKeyInvalid for broken PEM."""
    if not data.startswith(b"-----BEGIN "):
        return data
    block = re.fullmatch(rb"-----BEGIN ([A-Z ]+)-----\s(.+?)-----END \1-----\s*", data, re.DOTALL)
    if block is None:
        raise GostKeyInvalid("not one PEM block")
    try:
        return base64.b64decode(b"".join(block[2].split()), validate=True)
    except binascii.Error:
        raise GostKeyInvalid("not base64 inside PEM") from None


def _decode(structure: type[Structure], der: bytes) -> Structure:
    try:
        return asn1.decode_der(structure, der)
    except ValueError:
        raise GostKeyInvalid("not the DER structure of a GOST key") from None


def _point(info: Any) -> GostPublicKey:
    _check_algorithm(info.algorithm)
    octets = cast(bytes, info.key.as_bytes())
    if info.key.padding_bits() or len(octets) != 66 or not octets.startswith(_OCTETS_64):
        raise GostKeyInvalid("the public key is not 64 bytes")
    x, y = octets[2 : 2 + _HALF], octets[2 + _HALF :]
    return GostPublicKey(int.from_bytes(x, "little"), int.from_bytes(y, "little"))


def _check_algorithm(algorithm: _KeyAlgorithm) -> None:
    if algorithm.oid != KEY_OID:
        raise GostKeyInvalid("not a GOST R 34.10-2012 key of 256 bits")
    if algorithm.parameters.curve not in _CURVE_OIDS:
        raise GostKeyInvalid("another curve")


def _key_algorithm() -> _KeyAlgorithm:
    return _KeyAlgorithm(oid=KEY_OID, parameters=_Parameters(curve=_CURVE_OID, digest=_DIGEST_OID))


def _signature_algorithm() -> _SignatureAlgorithm:
    return _SignatureAlgorithm(oid=_SIGNATURE_OID, parameters=None)
