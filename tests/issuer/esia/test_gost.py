"""Streebog and raw GOST signatures, alone and against openssl with the gost engine."""

import subprocess
from pathlib import Path

import pytest

from issuer.esia import gost, gost_asn1
from issuer.esia.errors import GostKeyInvalid, GostSignatureInvalid
from issuer.esia.gost import GostPrivateKey, GostPublicKey
from tests.issuer.esia.keys import GOST_ENGINE, gost_certificate, gost_key

MESSAGE = b"VECHE22openid snils2026.11.23 12:00:00 +0000"

ENGINE_SETTINGS = f"""openssl_conf = start
[start]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
dynamic_path = {GOST_ENGINE}
default_algorithms = ALL
[req]
distinguished_name = name
[name]
"""


def test_streebog_agrees_with_rfc_6986() -> None:
    # RFC 6986 section 10.1.2 prints the number; the bytes stand the other way round.
    message = b"012345678901234567890123456789012345678901234567890123456789012"
    number = "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"
    assert gost.streebog256(message) == bytes.fromhex(number)[::-1]


def test_streebog_agrees_with_cpverify_of_cryptopro() -> None:
    digest = "6AB21D9E1B3E18EA44A57F9F03658BFEA96167BA03EB978B1A553EC4C85BE367"
    assert gost.streebog256(b"1234567890\r\n").hex().upper() == digest


def test_a_signature_verifies() -> None:
    gost.verify(gost_key().public_key(), MESSAGE, gost.sign(gost_key(), MESSAGE))


def test_two_signatures_of_one_message_differ() -> None:
    assert gost.sign(gost_key(), MESSAGE) != gost.sign(gost_key(), MESSAGE)


@pytest.mark.parametrize(
    ("name", "twist"),
    [
        ("r before s", lambda raw: raw[32:] + raw[:32]),
        ("halves little-endian", lambda raw: raw[:32][::-1] + raw[32:][::-1]),
        ("all bytes reversed, as CryptoPro gives them", lambda raw: raw[::-1]),
        ("one bit changed", lambda raw: bytes([raw[0] ^ 1]) + raw[1:]),
        ("short", lambda raw: raw[:-1]),
        ("long", lambda raw: raw + b"\0"),
        ("zero s", lambda raw: bytes(32) + raw[32:]),
        ("zero r", lambda raw: raw[:32] + bytes(32)),
        ("r plus the order", lambda raw: raw[:32] + b"\xff" * 32),
        ("empty", lambda _: b""),
    ],
)
def test_another_form_of_a_signature_is_refused(name: str, twist) -> None:  # type: ignore[no-untyped-def]
    raw = gost.sign(gost_key(), MESSAGE)
    with pytest.raises(GostSignatureInvalid):
        gost.verify(gost_key().public_key(), MESSAGE, twist(raw))


def test_another_message_or_key_is_refused() -> None:
    raw = gost.sign(gost_key(), MESSAGE)
    with pytest.raises(GostSignatureInvalid):
        gost.verify(gost_key().public_key(), MESSAGE + b"!", raw)
    with pytest.raises(GostSignatureInvalid):
        gost.verify(gost_key("two").public_key(), MESSAGE, raw)


def test_a_point_off_the_curve_is_no_key() -> None:
    public = gost_key().public_key()
    for x, y in [(public.x, public.y ^ 1), (public.x + 1, public.y), (0, public.y), (public.x, 0), (0, 0)]:
        with pytest.raises(GostKeyInvalid):
            GostPublicKey(x, y)


@pytest.mark.parametrize("secret", [0, -1, 2**256])
def test_a_secret_out_of_range_is_no_key(secret: int) -> None:
    with pytest.raises(GostKeyInvalid):
        GostPrivateKey(secret)


def test_a_private_key_does_not_print_itself() -> None:
    assert str(gost_key().secret) not in repr(gost_key())


class Openssl:
    """The openssl program with the gost engine, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "engine.cnf").write_text(ENGINE_SETTINGS)

    def __call__(self, *arguments: str) -> bytes:
        done = subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            env={"OPENSSL_CONF": str(self.folder / "engine.cnf"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)


@pytest.fixture
def openssl(tmp_path: Path) -> Openssl:
    if not GOST_ENGINE.exists():
        pytest.skip("the gost engine of openssl is not installed (Debian: libengine-gost-openssl)")
    return Openssl(tmp_path)


@pytest.mark.interop
def test_openssl_verifies_our_signature(openssl: Openssl) -> None:
    openssl.write("message", MESSAGE)
    openssl.write("signature", gost.sign(gost_key(), MESSAGE))
    openssl.write("key.der", gost_asn1.encode_public_key(gost_key().public_key()))
    openssl("pkey", "-pubin", "-inform", "DER", "-in", "key.der", "-out", "key.pem")
    said = openssl("dgst", "-md_gost12_256", "-verify", "key.pem", "-signature", "signature", "message")
    assert said == b"Verified OK\n"


@pytest.mark.interop
def test_we_verify_what_openssl_signs_with_our_key(openssl: Openssl) -> None:
    openssl.write("message", MESSAGE)
    openssl.write("key.pem", gost_asn1.encode_private_key(gost_key()))
    raw = openssl("dgst", "-md_gost12_256", "-sign", "key.pem", "message")
    gost.verify(gost_key().public_key(), MESSAGE, raw)


@pytest.mark.interop
@pytest.mark.parametrize("parameters", ["XA", "A", "TCB"])
def test_we_read_keys_and_certificates_of_openssl(openssl: Openssl, parameters: str) -> None:
    openssl(
        "req", "-x509", "-newkey", "gost2012_256", "-pkeyopt", f"paramset:{parameters}", "-nodes",
        "-subj", "/CN=test", "-addext", "keyUsage=digitalSignature", "-days", "1",
        "-keyout", "key.pem", "-out", "certificate.pem",
    )  # fmt: skip
    pem = (openssl.folder / "certificate.pem").read_bytes()
    key = gost_asn1.load_private_key((openssl.folder / "key.pem").read_bytes())
    assert gost_asn1.load_public_key(pem) == key.public_key()
    assert gost_asn1.load_public_key(openssl("x509", "-in", "certificate.pem", "-pubkey", "-noout")) == (
        key.public_key()
    )


@pytest.mark.interop
def test_openssl_agrees_on_certificate_and_its_hash(openssl: Openssl) -> None:
    openssl.write("certificate.der", gost_certificate())
    openssl("x509", "-inform", "DER", "-in", "certificate.der", "-out", "certificate.pem")
    said = openssl(
        "verify", "-CAfile", "certificate.pem", "-check_ss_sig", "-no_check_time", "certificate.pem"
    )
    assert said == b"certificate.pem: OK\n"
    digest = openssl("dgst", "-md_gost12_256", "-r", "certificate.der").split()[0].decode()
    assert gost_asn1.certificate_hash(gost_certificate()) == digest.upper()
