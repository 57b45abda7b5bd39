"""The two ways to the private operation: alike, right in parallel, and silent when damaged."""

import ctypes.util
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import gcd
from types import ModuleType
from typing import Any

import gmpy2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.blind_rsa.signer import PrivateOperation, blind_sign
from crypto.errors import InvalidKey, SignerUnavailable, SigningFailure
from crypto.keys import generate_token_key
from crypto.signers import gmp, load_signer, openssl
from tests.crypto.conftest import TokenKey

both_signers = pytest.mark.parametrize("signer", [openssl, gmp], ids=["openssl", "gmp"])


def request_to(key: TokenKey, seed: int = 12345) -> bytes:
    """Some number below the modulus, of the modulus length."""
    return (pow(3, seed + 10_000, key.public.n)).to_bytes(key.public.size, "big")


@both_signers
def test_both_ways_compute_the_power_at_every_size(sized_key: TokenKey, signer: Any) -> None:
    operation = signer.private_operation(sized_key.der)
    for seed in range(5):
        message = request_to(sized_key, seed)
        assert operation(message) == sized_key.power(message)


@given(seed=st.integers(min_value=0))
def test_both_ways_agree_on_any_number_below_the_modulus(key: TokenKey, seed: int) -> None:
    message = (seed % key.public.n).to_bytes(key.public.size, "big")
    assert gmp.private_operation(key.der)(message) == key.operation(message) == key.power(message)


@both_signers
def test_many_threads_on_one_key_get_right_results(key: TokenKey, signer: Any) -> None:
    operation = signer.private_operation(key.der)
    requests = [request_to(key, seed) for seed in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(operation, requests)) == [key.power(request) for request in requests]


def test_a_signer_outlives_the_bytes_it_was_loaded_from() -> None:
    operations = [(der, load_signer(bytes(bytearray(der)))) for der in (generate_token_key(2048),)]
    gc.collect()
    for der, operation in operations:
        message = bytes(255) + b"\x05"
        assert operation(message) == gmp.private_operation(der)(message)


def test_libcrypto_refuses_a_message_of_another_length_or_not_below_the_modulus(key: TokenKey) -> None:
    message = request_to(key)
    modulus = key.public.n.to_bytes(key.public.size, "big")
    operation = openssl.private_operation(key.der)
    for wrong in (b"", message[:-1], message + b"\0", modulus):
        assert operation(message) == key.power(message)
        with pytest.raises(SigningFailure):
            operation(wrong)
    assert operation(message) == key.power(message)


@both_signers
def test_what_is_no_key_is_refused_by_name(key: TokenKey, signer: Any) -> None:
    for der in (b"", b"\0" * 40, key.der[:-1], key.public.der):
        with pytest.raises(InvalidKey):
            signer.private_operation(der)


def test_libcrypto_itself_names_what_it_cannot_read() -> None:
    with pytest.raises(InvalidKey):
        openssl.with_der(b"\x30\x00")


class TestWithoutLibcrypto:
    """On a system that has none, or an old one."""

    @pytest.fixture(autouse=True)
    def _forget_the_library(self) -> Iterator[None]:
        openssl.libcrypto.cache_clear()
        yield
        openssl.libcrypto.cache_clear()

    @pytest.mark.parametrize("found", [None, "libm.so.6", "libcrypto-of-no-system.so"])
    def test_gmpy2_signs(self, key: TokenKey, monkeypatch: pytest.MonkeyPatch, found: str | None) -> None:
        monkeypatch.setattr(ctypes.util, "find_library", lambda _: found)
        with pytest.raises(SignerUnavailable):
            openssl.private_operation(key.der)
        message = request_to(key)
        assert blind_sign(key.public, load_signer(key.der), message) == key.power(message)


def test_the_portable_way_blinds_its_base_afresh_every_time(
    key: TokenKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases: list[int] = []
    power = gmpy2.powmod_sec

    def recording(base: Any, exponent: Any, modulus: Any) -> Any:
        bases.append(int(base))
        return power(base, exponent, modulus)

    monkeypatch.setattr(gmpy2, "powmod_sec", recording)
    operation, message = gmp.private_operation(key.der), request_to(key)
    assert {operation(message) for _ in range(10)} == {key.power(message)}
    assert len(set(bases)) == len(bases) == 20
    number = int.from_bytes(message, "big")
    assert not {number % key.numbers.p, number % key.numbers.q} & set(bases)


def crt_key(key: TokenKey) -> gmp.CrtKey:
    """The numbers of a key as the portable way takes them."""
    numbers = key.numbers
    values = (
        key.public.n,
        key.public.e,
        numbers.p,
        numbers.q,
        numbers.dmp1,
        numbers.dmq1,
        numbers.iqmp,
    )
    return gmp.CrtKey(*map(gmpy2.mpz, values))


def assert_nothing_leaves(key: TokenKey, operation: PrivateOperation) -> None:
    """The signer's role raises, and its error tells no digit of the key or the result."""
    with pytest.raises(SigningFailure) as caught:
        blind_sign(key.public, operation, request_to(key))
    assert str(caught.value) == "the private operation gave a wrong value"
    assert caught.value.__cause__ is None


@pytest.mark.faults
@pytest.mark.attack("A23")
@pytest.mark.parametrize("half", ["dp", "dq"])
def test_a_fault_in_one_crt_half_gives_no_output(key: TokenKey, half: str) -> None:
    sound = crt_key(key)
    operation = gmp.with_key(replace(sound, **{half: getattr(sound, half) ^ 2}))
    leaked = pow(int.from_bytes(operation(request_to(key)), "big"), key.public.e, key.public.n)
    factor = gcd(leaked - int.from_bytes(request_to(key), "big"), key.public.n)
    assert factor in (key.numbers.p, key.numbers.q), "the fault must be one that betrays the key"
    assert_nothing_leaves(key, operation)


@pytest.mark.faults
@pytest.mark.parametrize("call", [0, 1])
def test_a_passing_fault_in_one_half_gives_no_output_and_the_next_call_is_right(
    key: TokenKey, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    calls = iter(range(1_000))
    power = gmpy2.powmod_sec
    monkeypatch.setattr(gmpy2, "powmod_sec", lambda *numbers: power(*numbers) ^ (next(calls) == call))
    operation = gmp.private_operation(key.der)
    assert_nothing_leaves(key, operation)
    message = request_to(key)
    assert blind_sign(key.public, operation, message) == key.power(message)


@pytest.mark.faults
@pytest.mark.parametrize("part", ["p", "q", "qi"])
def test_a_fault_in_another_number_gives_no_output(key: TokenKey, part: str) -> None:
    sound = crt_key(key)
    assert_nothing_leaves(key, gmp.with_key(replace(sound, **{part: getattr(sound, part) ^ 2})))


PARTS: dict[str, Callable[[TokenKey], int]] = {
    "n": lambda key: key.public.n,
    "d": lambda key: key.numbers.d,
    "p": lambda key: key.numbers.p,
    "q": lambda key: key.numbers.q,
    "dp": lambda key: key.numbers.dmp1,
    "dq": lambda key: key.numbers.dmq1,
    "qi": lambda key: key.numbers.iqmp,
}


def damaged(key: TokenKey, part: str, mask: int) -> bytes:
    """The DER of a key with bits of one number flipped, the length kept."""
    number = PARTS[part](key)
    size = (number.bit_length() + 7) // 8
    old = number.to_bytes(size, "big")
    assert key.der.count(old) == 1
    return key.der.replace(old, (number ^ mask).to_bytes(size, "big"))


def outcome(key: TokenKey, *ders: bytes) -> list[str]:
    """For each DER: `right`, or the name of the refusal. Fails on a wrong output."""
    results = []
    for der in ders:
        message = request_to(key)
        try:
            signature = blind_sign(key.public, openssl.with_der(der), message)
        except (InvalidKey, SigningFailure) as refusal:
            results.append(type(refusal).__name__)
        else:
            assert signature == key.power(message), "a wrong output left the signer"
            results.append("right")
    return results


@pytest.mark.faults
@pytest.mark.parametrize("mask", [1, 2, 1 << 77, 1 << 500], ids=["bit0", "bit1", "bit77", "bit500"])
@pytest.mark.parametrize("part", PARTS)
def test_libcrypto_with_a_damaged_number_never_gives_a_wrong_output(
    key: TokenKey, part: str, mask: int
) -> None:
    assert outcome(key, damaged(key, part, mask))[0] in {"right", "InvalidKey", "SigningFailure"}


@pytest.mark.faults
@pytest.mark.attack("A23")
def test_libcrypto_damaged_beyond_its_own_repair_is_caught_by_the_last_check(key: TokenKey) -> None:
    part = replace(key, der=damaged(key, "dp", 2))
    assert outcome(key, damaged(part, "d", 2)) == ["SigningFailure"]
    raw = openssl.with_der(damaged(part, "d", 2))(request_to(key))
    assert raw != key.power(request_to(key)), "the fault must be one that libcrypto lets through"


@pytest.mark.faults
@both_signers
def test_a_damaged_key_is_refused_at_loading(key: TokenKey, signer: ModuleType) -> None:
    for part in PARTS:
        with pytest.raises(InvalidKey) as caught:
            signer.private_operation(damaged(key, part, 2))
        assert not any(character.isdigit() for character in str(caught.value).replace("#8", ""))
