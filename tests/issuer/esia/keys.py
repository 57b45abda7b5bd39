"""Keys of one test run, made when they are first needed."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from issuer.esia import gost, gost_asn1

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOST_ENGINE: Final = Path("/usr/lib/x86_64-linux-gnu/engines-3/gost.so")


_gost_keys: defaultdict[str, gost.GostPrivateKey] = defaultdict(gost.generate_private_key)
_rsa_keys: defaultdict[str, rsa.RSAPrivateKey] = defaultdict(lambda: rsa.generate_private_key(65537, 2048))


def gost_key(name: str = "one") -> gost.GostPrivateKey:
    """A GOST key by name."""
    return _gost_keys[name]


def rsa_key(name: str = "one") -> rsa.RSAPrivateKey:
    """An RSA key by name."""
    return _rsa_keys[name]


@cache
def gost_certificate() -> bytes:
    """A self-signed GOST certificate of the key "one", DER."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Проверка")])
    return gost_asn1.self_signed_certificate(
        gost_key(), subject, serial=7, not_before=NOW, not_after=NOW + timedelta(days=1)
    )
