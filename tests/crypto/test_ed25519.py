import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import ed25519
from crypto.errors import InvalidKey, InvalidSignature

seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.vectors
def test_the_second_test_of_rfc_8032_7_1_is_reproduced() -> None:
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert ed25519.public_key(seed) == public
    assert ed25519.sign(seed, b"\x72") == signature
    ed25519.verify(public, b"\x72", signature)


@given(seed=seeds, message=st.binary(max_size=200), position=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_signature_verifies_until_a_bit_is_flipped(
    seed: bytes, message: bytes, position: int, bit: int
) -> None:
    signature = bytearray(ed25519.sign(seed, message))
    ed25519.verify(ed25519.public_key(seed), message, bytes(signature))
    signature[position] ^= 1 << bit
    with pytest.raises(InvalidSignature):
        ed25519.verify(ed25519.public_key(seed), message, bytes(signature))


def test_another_message_key_or_length_is_refused() -> None:
    seed, stranger = b"\x01" * 32, ed25519.public_key(b"\x02" * 32)
    public, signature = ed25519.public_key(seed), ed25519.sign(seed, b"message")
    for key, message, signed in (
        (public, b"another", signature),
        (stranger, b"message", signature),
        (public, b"message", signature[:-1]),
        (public, b"message", signature + b"\0"),
        (public, b"message", b""),
    ):
        with pytest.raises(InvalidSignature):
            ed25519.verify(key, message, signed)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_of_another_length_are_no_keys(size: int) -> None:
    with pytest.raises(InvalidKey):
        ed25519.public_key(bytes(size))
    with pytest.raises(InvalidKey):
        ed25519.sign(bytes(size), b"message")
    with pytest.raises(InvalidKey):
        ed25519.verify(bytes(size), b"message", bytes(64))
