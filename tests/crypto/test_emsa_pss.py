import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from crypto import emsa_pss
from crypto.errors import MessageTooLong


@pytest.mark.parametrize("bits", [2041, 2047, 2048])
def test_an_encoded_message_is_a_signature_to_cryptography_at_any_modulus_length(bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    assert key.key_size == bits
    n, d = key.public_key().public_numbers().n, key.private_numbers().d
    encoded = emsa_pss.encode(b"message", bits - 1, b"s" * 48)
    signature = pow(int.from_bytes(encoded, "big"), d, n).to_bytes(-(-bits // 8), "big")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    key.public_key().verify(signature, b"message", pss, hashes.SHA384())


@given(st.binary(max_size=300), st.binary(max_size=64), st.integers(912, 4096))
def test_an_encoding_has_the_asked_length_and_no_bit_above(message: bytes, salt: bytes, em_bits: int) -> None:
    encoded = emsa_pss.encode(message, em_bits, salt)
    assert len(encoded) == (em_bits + 7) // 8
    assert int.from_bytes(encoded, "big").bit_length() <= em_bits
    assert encoded.endswith(b"\xbc")


def test_a_modulus_too_short_for_hash_and_salt_is_refused() -> None:
    shortest = 8 * (48 + 48 + 2)
    assert len(emsa_pss.encode(b"", shortest, bytes(48))) == 98
    with pytest.raises(MessageTooLong):
        emsa_pss.encode(b"", shortest - 8, bytes(48))
