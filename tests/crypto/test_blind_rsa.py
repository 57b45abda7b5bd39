"""The three roles together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import emsa_pss
from crypto.blind_rsa import client, verifier
from crypto.blind_rsa.signer import blind_sign
from crypto.errors import (
    BlindingError,
    InvalidInput,
    InvalidSignature,
    MessageOutOfRange,
    SigningFailure,
    UnexpectedInputSize,
)
from crypto.keys import TokenPublicKey
from tests.crypto.conftest import TokenKey

messages = st.binary(max_size=200)
salts = st.binary(min_size=48, max_size=48)


def test_a_token_is_issued_and_verified_at_every_size(sized_key: TokenKey) -> None:
    prepared, signature = sized_key.issue(b"ballot key")
    assert prepared[32:] == b"ballot key"
    assert len(signature) == sized_key.public.size
    verifier.verify(sized_key.public, prepared, signature)


@given(message=messages, salt=salts, seed=st.integers(min_value=1))
def test_every_message_salt_and_factor_give_a_token_that_hides_neither(
    key: TokenKey, message: bytes, salt: bytes, seed: int
) -> None:
    factor = seed % (key.public.n - 1) + 1
    blinded = client.blind_with(key.public, message, salt=salt, factor=factor)
    reply = blind_sign(key.public, key.operation, blinded.message)
    signature = client.finalize(key.public, message, reply, blinded.inverse)
    encoded = emsa_pss.encode(message, key.public.n.bit_length() - 1, salt)
    assert signature == key.power(encoded.rjust(key.public.size, b"\0"))


@settings(max_examples=20)
@given(mine=messages, yours=messages, salt=salts)
@pytest.mark.attack("A3")
def test_a_blinded_message_could_be_anybodys(key: TokenKey, mine: bytes, yours: bytes, salt: bytes) -> None:
    seen = client.blind(key.public, mine).message
    n = key.public.n
    encoded = int.from_bytes(emsa_pss.encode(yours, n.bit_length() - 1, salt), "big")
    quotient = int.from_bytes(seen, "big") * pow(encoded, -1, n) % n
    factor = pow(quotient, key.numbers.d, n)
    assert client.blind_with(key.public, yours, salt=salt, factor=factor).message == seen


@pytest.mark.attack("A3")
def test_prefix_salt_and_factor_are_fresh_every_time(key: TokenKey) -> None:
    assert len({client.prepare(b"message") for _ in range(20)}) == 20
    blinded = [client.blind(key.public, b"message") for _ in range(20)]
    assert len({one.inverse for one in blinded}) == 20
    n, e = key.public.n, key.public.e
    encoded = {int.from_bytes(one.message, "big") * pow(one.inverse, e, n) % n for one in blinded}
    assert len(encoded) == 20


@pytest.mark.attack("A3")
def test_the_blinding_factor_is_drawn_again_until_it_is_a_unit_below_n(
    key: TokenKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = key.public.n
    draws = [5, 3 * key.numbers.q, key.numbers.p, n + 7, n, 0]
    asked: list[int] = []

    def randbits(bits: int) -> int:
        asked.append(bits)
        return draws.pop()

    monkeypatch.setattr("crypto.blind_rsa.client.secrets.randbits", randbits)
    assert client.blind(key.public, b"message").inverse == pow(5, -1, n)
    assert asked == [2048] * 6, "a factor from a smaller range could be guessed"


def test_a_factor_without_an_inverse_or_out_of_range_is_a_blinding_error(key: TokenKey) -> None:
    n = key.public.n
    for factor in (-1, 0, n, n + 1, key.numbers.p, key.numbers.q):
        with pytest.raises(BlindingError):
            client.blind_with(key.public, b"message", salt=bytes(48), factor=factor)


@pytest.mark.attack("A23")
def test_a_message_sharing_a_factor_with_the_modulus_is_invalid_input() -> None:
    encoded = int.from_bytes(emsa_pss.encode(b"message", 2047, bytes(48)), "big")
    modulus = encoded << (2048 - encoded.bit_length())
    with pytest.raises(InvalidInput):
        client.blind_with(TokenPublicKey(modulus, 65537, b""), b"message", salt=bytes(48), factor=3)


def test_only_bytes_of_the_modulus_length_and_below_it_are_signed(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    blinded = client.blind(key.public, b"message").message
    for wrong in (b"", blinded[:-1], blinded + b"\0", b"\0" + blinded):
        with pytest.raises(UnexpectedInputSize):
            blind_sign(key.public, key.operation, wrong)
    for number in (n, n + 1, 256**size - 1):
        with pytest.raises(MessageOutOfRange):
            blind_sign(key.public, key.operation, number.to_bytes(size, "big"))


def test_the_edges_of_the_range_are_signed_rightly(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    for number in (0, 1, n - 1):
        message = number.to_bytes(size, "big")
        assert blind_sign(key.public, key.operation, message) == message


def test_a_signature_that_is_not_below_the_modulus_never_leaves(key: TokenKey) -> None:
    n, size = key.public.n, key.public.size
    one = (1).to_bytes(size, "big")
    for wrong in ((n + 1).to_bytes(size, "big"), one[1:], b"\0" + one, bytes(size)):
        with pytest.raises(SigningFailure):
            blind_sign(key.public, {one: wrong}.__getitem__, one)


def test_a_reply_of_another_length_is_an_unexpected_input_size(key: TokenKey) -> None:
    blinded = client.blind(key.public, b"message")
    reply = blind_sign(key.public, key.operation, blinded.message)
    for wrong in (b"", reply[:-1], reply + b"\0", b"\0" + reply):
        with pytest.raises(UnexpectedInputSize):
            client.finalize(key.public, b"message", wrong, blinded.inverse)


@pytest.mark.attack("A23")
@pytest.mark.attack("A33")
def test_a_reply_that_is_wrong_or_for_another_request_does_not_finalize(
    key: TokenKey, other_key: TokenKey
) -> None:
    mine, other = (client.blind(key.public, b"message") for _ in range(2))
    reply = blind_sign(key.public, key.operation, mine.message)
    flipped = reply[:-1] + bytes([reply[-1] ^ 1])
    for wrong, inverse, message in (
        (flipped, mine.inverse, b"message"),
        (reply, other.inverse, b"message"),
        (reply, mine.inverse, b"another message"),
        (bytes(len(reply)), mine.inverse, b"message"),
        (other_key.power(bytes(1) + mine.message[1:]), mine.inverse, b"message"),
    ):
        with pytest.raises(InvalidSignature):
            client.finalize(key.public, message, wrong, inverse)
