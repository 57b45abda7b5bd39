"""GOST keys and certificates as DER and PEM."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from issuer.esia import gost_asn1
from issuer.esia.errors import GostKeyInvalid
from tests.issuer.esia.keys import gost_certificate, gost_key, rsa_key


def test_a_private_key_survives_pem_and_der() -> None:
    pem = gost_asn1.encode_private_key(gost_key())
    assert gost_asn1.load_private_key(pem) == gost_key()
    assert gost_asn1.load_private_key(gost_asn1.der_of(pem)) == gost_key()


def test_a_public_key_is_read_from_its_own_form_and_from_a_certificate() -> None:
    public = gost_key().public_key()
    assert gost_asn1.load_public_key(gost_asn1.encode_public_key(public)) == public
    assert gost_asn1.load_public_key(gost_certificate()) == public


def test_cryptography_reads_the_certificate() -> None:
    certificate = x509.load_der_x509_certificate(gost_certificate())
    assert certificate.subject == certificate.issuer
    assert certificate.public_key_algorithm_oid == gost_asn1.KEY_OID


def test_the_hash_is_of_der_in_upper_case() -> None:
    digest = gost_asn1.certificate_hash(gost_certificate())
    assert len(digest) == 64
    assert digest == digest.upper()


def test_what_is_cut_changed_or_longer_is_no_key() -> None:
    der = gost_asn1.encode_public_key(gost_key().public_key())
    for broken in (b"", der[:-1], der + b"\0", der[:-1] + bytes([der[-1] ^ 1]), b"\x30\x00"):
        with pytest.raises(GostKeyInvalid):
            gost_asn1.load_public_key(broken)


def test_another_curve_is_no_key() -> None:
    der = gost_asn1.encode_public_key(gost_key().public_key())
    tc26_a = bytes.fromhex("06072a850302022301")
    xcha = bytes.fromhex("06072a850302022400")
    assert xcha in der
    for known, other in [(xcha, bytes.fromhex("06072a850302022402")), (xcha, tc26_a[:-1] + b"\x7f")]:
        with pytest.raises(GostKeyInvalid):
            gost_asn1.load_public_key(der.replace(known, other))


def test_rsa_keys_are_no_gost_keys() -> None:
    pem = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(GostKeyInvalid):
        gost_asn1.load_private_key(pem)
    with pytest.raises(GostKeyInvalid):
        gost_asn1.load_public_key(public)


def test_broken_pem_is_refused() -> None:
    pem = gost_asn1.encode_private_key(gost_key())
    for broken in (
        pem[:-8],
        pem + pem,
        pem.replace(b"MEYC", b"M*YC"),
        pem.replace(b"END PRIVATE", b"END PUBLIC"),
    ):
        with pytest.raises(GostKeyInvalid):
            gost_asn1.load_private_key(broken)
