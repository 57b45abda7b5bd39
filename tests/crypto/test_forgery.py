"""What is no token, though it is made from tokens and signatures of the right key."""

import itertools

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from crypto.blind_rsa import client, verifier
from crypto.blind_rsa.signer import blind_sign
from crypto.errors import InvalidSignature
from tests.crypto.conftest import TokenKey

pytestmark = pytest.mark.faults


@pytest.mark.attack("A1")
@pytest.mark.attack("A2")
def test_products_and_quotients_of_tokens_are_refused(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    (first, s1), (second, s2) = key.issue(b"first"), key.issue(b"second")
    x, y = int.from_bytes(s1, "big"), int.from_bytes(s2, "big")
    for number in (x * y % n, x * pow(y, -1, n) % n, x * x % n, pow(x, -1, n), n - x):
        for prepared in (first, second, first + second):
            with pytest.raises(InvalidSignature):
                verifier.verify(key.public, prepared, number.to_bytes(size, "big"))


@pytest.mark.attack("A2")
def test_one_signature_on_a_product_of_requests_gives_no_token(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    one, two = (client.blind(key.public, message) for message in (b"first", b"second"))
    product = int.from_bytes(one.message, "big") * int.from_bytes(two.message, "big") % n
    reply = blind_sign(key.public, key.operation, product.to_bytes(size, "big"))
    for inverse, message in itertools.product(
        (one.inverse, two.inverse, one.inverse * two.inverse % n), (b"first", b"second")
    ):
        with pytest.raises(InvalidSignature):
            client.finalize(key.public, message, reply, inverse)


def test_s_plus_n_is_refused_where_it_fits_and_where_it_does_not(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    signatures = (key.sign_openly(b"message", 48, hashes.SHA384()) for _ in range(20_000))
    numbers = (int.from_bytes(signature, "big") for signature in signatures)
    small = next(number for number in numbers if number + n < 256**size)
    verifier.verify(key.public, b"message", small.to_bytes(size, "big"))
    for length in (size, size + 1):
        with pytest.raises(InvalidSignature):
            verifier.verify(key.public, b"message", (small + n).to_bytes(length, "big"))


def test_short_long_and_padded_signatures_are_refused(key: TokenKey) -> None:
    prepared, signature = key.issue(b"message")
    for wrong in (b"", signature[:-1], signature[1:], signature + b"\0", b"\0" + signature):
        with pytest.raises(InvalidSignature):
            verifier.verify(key.public, prepared, wrong)


def test_a_short_signature_whose_leading_zero_was_dropped_is_refused(key: TokenKey) -> None:
    signatures = (key.sign_openly(b"message", 48, hashes.SHA384()) for _ in range(20_000))
    signature = next(one for one in signatures if one[0] == 0)
    verifier.verify(key.public, b"message", signature)
    with pytest.raises(InvalidSignature):
        verifier.verify(key.public, b"message", signature[1:])


@pytest.mark.parametrize("salt_size", [0, 20, 32, 47, 49, 64, 158])
def test_a_salt_of_another_length_is_refused(key: TokenKey, salt_size: int) -> None:
    verifier.verify(key.public, b"message", key.sign_openly(b"message", 48, hashes.SHA384()))
    with pytest.raises(InvalidSignature):
        verifier.verify(key.public, b"message", key.sign_openly(b"message", salt_size, hashes.SHA384()))


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA512(), hashes.SHA3_384()])
def test_another_hash_is_refused(key: TokenKey, algorithm: hashes.HashAlgorithm) -> None:
    with pytest.raises(InvalidSignature):
        verifier.verify(key.public, b"message", key.sign_openly(b"message", 48, algorithm))


def test_another_mask_or_another_padding_is_refused(key: TokenKey) -> None:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=48)
    for scheme in (pss, padding.PKCS1v15()):
        signature = key.private.sign(b"message", scheme, hashes.SHA384())
        with pytest.raises(InvalidSignature):
            verifier.verify(key.public, b"message", signature)


def test_a_token_of_another_key_is_refused(key: TokenKey, other_key: TokenKey) -> None:
    prepared, signature = other_key.issue(b"message")
    verifier.verify(other_key.public, prepared, signature)
    with pytest.raises(InvalidSignature):
        verifier.verify(key.public, prepared, signature)


@given(st.data())
def test_no_other_prefix_message_or_signature_passes(key: TokenKey, data: st.DataObject) -> None:
    prepared, signature = key.issue(b"message")
    both = bytearray(prepared + signature)
    position = data.draw(st.integers(0, len(both) - 1))
    both[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidSignature):
        verifier.verify(key.public, bytes(both[: len(prepared)]), bytes(both[len(prepared) :]))
