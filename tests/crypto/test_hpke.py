import pytest

from crypto import hpke
from crypto.errors import InvalidKey, OpeningFailed

KEY = b"TEST KEY".ljust(32, b".")
PLAINTEXT = b'{"place":["river"]}'.ljust(64)


def test_what_is_sealed_opens_with_the_key_and_the_info_and_is_longer_by_the_overhead() -> None:
    sealed = hpke.seal(hpke.public_key_of(KEY), b"info", PLAINTEXT)
    assert len(sealed) == len(PLAINTEXT) + hpke.OVERHEAD
    assert hpke.opener(KEY)(b"info", sealed) == PLAINTEXT


def test_equal_plaintexts_are_sealed_to_different_bytes() -> None:
    public = hpke.public_key_of(KEY)
    assert hpke.seal(public, b"", PLAINTEXT)[:65] != hpke.seal(public, b"", PLAINTEXT)[:65]


@pytest.mark.parametrize("at", [0, 1, 64, 65, 128, 144])
def test_a_changed_byte_does_not_open(at: int) -> None:
    sealed = bytearray(hpke.seal(hpke.public_key_of(KEY), b"info", PLAINTEXT))
    sealed[at] ^= 1
    with pytest.raises(OpeningFailed):
        hpke.opener(KEY)(b"info", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x04", bytes(145), b"\x04" + bytes(144)])
def test_bytes_that_are_no_ciphertext_do_not_open(sealed: bytes) -> None:
    with pytest.raises(OpeningFailed):
        hpke.opener(KEY)(b"info", sealed)


def test_another_info_or_another_key_does_not_open() -> None:
    sealed = hpke.seal(hpke.public_key_of(KEY), b"info", PLAINTEXT)
    with pytest.raises(OpeningFailed):
        hpke.opener(KEY)(b"another", sealed)
    with pytest.raises(OpeningFailed):
        hpke.opener(hpke.generate_private_key())(b"info", sealed)


@pytest.mark.parametrize("key", [b"", bytes(32), b"\xff" * 32, KEY + b"."])
def test_a_number_that_is_no_private_key_is_refused(key: bytes) -> None:
    with pytest.raises(InvalidKey):
        hpke.opener(key)


@pytest.mark.parametrize("key", [b"", b"\x02" + bytes(32), b"\x04" + bytes(64), bytes(65)])
def test_bytes_that_are_no_point_are_refused(key: bytes) -> None:
    with pytest.raises(InvalidKey):
        hpke.seal(key, b"info", PLAINTEXT)


def test_a_generated_key_is_a_key() -> None:
    hpke.check_public_key(hpke.public_key_of(hpke.generate_private_key()))


def test_the_vector_of_the_rfc_derives_the_public_key() -> None:
    """RFC 9180 A.3.1: skRm and pkRm of this suite. Its ciphertexts have an aad, which ours do not."""
    private = bytes.fromhex("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")
    public = (
        "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6"
        "aa8f80e30f1d128aafd68a2ce72ea0"
    )
    assert hpke.public_key_of(private).hex() == public
