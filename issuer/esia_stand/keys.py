"""The stand's own signing keys: RSA and GOST, with certificates for the relying party; and making JWTs."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from issuer.esia import gost, gost_asn1
from issuer.esia_stand.settings import Algorithm
from shared.encoding import b64u

RSA_KEY: Final = "esia.rsa.key.pem"
RSA_CERTIFICATE: Final = "esia.rsa.cert.der"
GOST_KEY: Final = "esia.gost.key.pem"
GOST_CERTIFICATE: Final = "esia.gost.cert.der"
PREVIOUS: Final = "previous."
"""Prefix of the certificates that a rotation replaced; tokens signed before it still verify with them."""

_LIFETIME: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True, repr=False)
class StandKeys:
    """Both keys, so that a test can switch the algorithm."""

    rsa_key: rsa.RSAPrivateKey
    gost_key: gost.GostPrivateKey

    def jwt(self, algorithm: Algorithm, *, kind: str, version: int, claims: dict[str, Any]) -> str:
        """A JWT as ESIA writes it: private header members, escaped slashes."""
        header = {"ver": version, "typ": "JWT", "sbt": kind, "alg": algorithm}
        signed = f"{_part(header)}.{_part(claims)}"
        return f"{signed}.{b64u(self._sign(algorithm, signed.encode('ascii')))}"

    def _sign(self, algorithm: Algorithm, message: bytes) -> bytes:
        if algorithm == "RS256":
            return self.rsa_key.sign(message, PKCS1v15(), SHA256())
        return gost.sign(self.gost_key, message)


def prepare_keys(state: Path) -> None:
    """Make what is missing; keys that are there stay."""
    if not (state / RSA_KEY).exists():
        _new_rsa(state)
    if not (state / GOST_KEY).exists():
        write_gost_pair(state / GOST_KEY, state / GOST_CERTIFICATE, "Учебный стенд ЕСИА")


def rotate_keys(state: Path) -> None:
    """Replace both keys. The former certificates stay under another name."""
    for name in (RSA_CERTIFICATE, GOST_CERTIFICATE):
        (state / name).replace(state / (PREVIOUS + name))
    for name in (RSA_KEY, GOST_KEY):
        (state / name).unlink()
    prepare_keys(state)


def load_keys(state: Path) -> StandKeys:
    """Read both keys. Raises OSError, ValueError."""
    rsa_key = serialization.load_pem_private_key((state / RSA_KEY).read_bytes(), None)
    gost_key = gost_asn1.load_private_key((state / GOST_KEY).read_bytes())
    return StandKeys(cast(rsa.RSAPrivateKey, rsa_key), gost_key)


def write_gost_pair(key_path: Path, certificate_path: Path, name: str) -> None:
    """Make a GOST key (PEM) and its self-signed certificate (DER)."""
    key, (not_before, not_after) = gost.generate_private_key(), _validity()
    certificate = gost_asn1.self_signed_certificate(
        key, _name(name), serial=secrets.randbits(128) + 1, not_before=not_before, not_after=not_after
    )
    _write_secret(key_path, gost_asn1.encode_private_key(key))
    certificate_path.write_bytes(certificate)


def _new_rsa(state: Path) -> None:
    key, (not_before, not_after) = rsa.generate_private_key(65537, 2048), _validity()
    builder = x509.CertificateBuilder(
        issuer_name=_name("Учебный стенд ЕСИА"),
        subject_name=_name("Учебный стенд ЕСИА"),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=not_before,
        not_valid_after=not_after,
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_secret(state / RSA_KEY, pem)
    certificate = builder.sign(key, SHA256())
    (state / RSA_CERTIFICATE).write_bytes(certificate.public_bytes(serialization.Encoding.DER))


def _write_secret(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _validity() -> tuple[datetime, datetime]:
    now = datetime.now(UTC).replace(microsecond=0)
    return now - timedelta(days=1), now + _LIFETIME


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _part(value: dict[str, Any]) -> str:
    return b64u(json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode())
