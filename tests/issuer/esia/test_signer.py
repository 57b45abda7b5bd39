"""Signing with a key in memory and by an external program."""

import sys
from pathlib import Path

import pytest

from issuer.esia import gost, gost_asn1
from issuer.esia.errors import GostKeyInvalid, SignerFailed
from issuer.esia.signer import signer_from_command, signer_from_key
from tests.issuer.esia.keys import gost_key

SIGN_FILE = """
import sys
from issuer.esia import gost, gost_asn1
key = gost_asn1.load_private_key(open(sys.argv[1], "rb").read())
sys.stdout.buffer.write(gost.sign(key, sys.stdin.buffer.read()))
"""


def test_a_key_signs() -> None:
    raw = signer_from_key(gost_asn1.encode_private_key(gost_key()))(b"message")
    gost.verify(gost_key().public_key(), b"message", raw)


def test_what_is_no_key_is_refused_at_once() -> None:
    with pytest.raises(GostKeyInvalid):
        signer_from_key(b"-----BEGIN PRIVATE KEY-----\nMEY=\n-----END PRIVATE KEY-----\n")


def test_a_program_signs(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(gost_asn1.encode_private_key(gost_key()))
    raw = signer_from_command([sys.executable, "-c", SIGN_FILE, str(key)])(b"message")
    gost.verify(gost_key().public_key(), b"message", raw)


@pytest.mark.parametrize(
    ("program", "seconds", "failure"),
    [
        ("import sys; sys.stdout.buffer.write(bytes(64)); sys.exit(1)", 60, "ended with 1"),
        ("import sys; sys.stdout.buffer.write(bytes(63))", 60, "64 bytes"),
        ("import sys; sys.stdout.buffer.write(bytes(65))", 60, "64 bytes"),
        ("import time; time.sleep(60)", 0.5, "TimeoutExpired"),
    ],
)
def test_a_program_that_fails_gives_no_signature(program: str, seconds: float, failure: str) -> None:
    with pytest.raises(SignerFailed, match=failure):
        signer_from_command([sys.executable, "-c", program], timeout=seconds)(b"secret message")


def test_a_program_that_is_not_there_gives_no_signature() -> None:
    with pytest.raises(SignerFailed) as caught:
        signer_from_command(["no-such-signing-program"])(b"secret message")
    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)
