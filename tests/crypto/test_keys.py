"""Token keys: what is made, what is read, what is refused."""

from collections.abc import Callable

import gmpy2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import InvalidKey
from crypto.keys import check_token_key, generate_token_key, load_private_key, load_token_key, public_key_of
from tests.crypto.conftest import TokenKey

RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")


def spki(n: int, e: int = 65537) -> bytes:
    """The SubjectPublicKeyInfo of any modulus and exponent."""
    key = rsa.RSAPublicNumbers(e, n).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def with_algorithm(der: bytes, last: int) -> bytes:
    """The same key under another member of the PKCS #1 object identifiers."""
    assert RSA_ENCRYPTION in der
    return der.replace(RSA_ENCRYPTION, RSA_ENCRYPTION[:-1] + bytes([last]))


def as_rsassa_pss(der: bytes) -> bytes:
    """The same key as RFC 4055 3.1 has it, under id-RSASSA-PSS without parameters."""
    old = b"\x30\x0d" + RSA_ENCRYPTION + b"\x05\x00"
    new = b"\x30\x0b" + RSA_ENCRYPTION[:-1] + b"\x0a"
    assert der.startswith(b"\x30\x82")
    assert old in der
    return b"\x30\x82" + (len(der) - 6).to_bytes(2, "big") + der[4:].replace(old, new)


def test_a_fresh_key_is_sound_and_reads_back_at_every_size(sized_key: TokenKey) -> None:
    public = load_token_key(sized_key.public.der)
    assert public == sized_key.public
    assert public.size * 8 == public.n.bit_length() == sized_key.private.key_size
    assert public.e == 65537
    assert RSA_ENCRYPTION in public.der


@pytest.mark.attack("A7")
@pytest.mark.parametrize("bits", [0, 512, 1024, 2047, 2049, 2560, 8192])
def test_a_key_of_another_size_is_not_made(bits: int) -> None:
    with pytest.raises(InvalidKey):
        generate_token_key(bits)


def test_two_keys_are_never_the_same(key: TokenKey, other_key: TokenKey) -> None:
    assert key.public != other_key.public


def multiple_of(prime: int, n: int) -> int:
    """A number near n that has this prime factor and no other below 2^16."""
    others = gmpy2.primorial(2**16)
    cofactor = n // prime | 1
    while gmpy2.gcd(cofactor, others) != 1:
        cofactor -= 2
    return cofactor * prime


MODULI: dict[str, Callable[[int], int]] = {
    "one bit short": lambda n: (n >> 1) | 1,
    "one bit long": lambda n: (n << 1) | 1,
    "half the size": lambda n: (n >> 1024) | 1,
    "divisible by 3": lambda n: (n // 3 | 1) * 3,
    "divisible by 65521, the largest prime below 2^16": lambda n: multiple_of(65521, n),
}


@pytest.mark.attack("A7")
@pytest.mark.parametrize("defect", MODULI)
def test_an_unsound_modulus_is_refused(key: TokenKey, defect: str) -> None:
    with pytest.raises(InvalidKey):
        load_token_key(spki(MODULI[defect](key.public.n)))


def test_factors_of_more_than_16_bits_are_not_looked_for(key: TokenKey) -> None:
    modulus = multiple_of(65537, key.public.n)
    assert load_token_key(spki(modulus)).n == modulus


def test_an_even_modulus_is_refused(key: TokenKey) -> None:
    with pytest.raises(InvalidKey):
        check_token_key(key.public.n - 1, 65537)


@pytest.mark.attack("A7")
def test_only_the_fixed_exponent_is_accepted(key: TokenKey) -> None:
    check_token_key(key.public.n, 65537)
    for e in (3, 17, 65535, 65539, 2**32 + 1):
        with pytest.raises(InvalidKey):
            load_token_key(spki(key.public.n, e))


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda der: der[:0],
    "truncated": lambda der: der[:-1],
    "trailing byte": lambda der: der + b"\0",
    "doubled": lambda der: der + der,
    "long form length": lambda der: b"\x30\x83\x00" + der[2:],
    "indefinite length": lambda der: b"\x30\x80" + der[4:] + b"\0\0",
    "PKCS #1": lambda der: der[24:],
    "PKCS #1, unwrapped from its bit string": lambda der: der[der.index(b"\x03\x82") + 5 :],
    "MD2 with RSA, an unknown kind": lambda der: with_algorithm(der, 2),
    "OAEP, an unknown kind": lambda der: with_algorithm(der, 7),
    "RSASSA-PSS with null parameters": lambda der: with_algorithm(der, 10),
    "RSASSA-PSS": as_rsassa_pss,
    "text": lambda der: b"-----BEGIN PUBLIC KEY-----\n" + der,
}


@pytest.mark.parametrize("defect", ENCODINGS)
def test_another_encoding_of_a_sound_key_is_refused(key: TokenKey, defect: str) -> None:
    with pytest.raises(InvalidKey):
        load_token_key(ENCODINGS[defect](key.public.der))


def test_a_key_of_another_algorithm_is_refused() -> None:
    der = ec.generate_private_key(ec.SECP256R1()).public_key()
    encoded = der.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    unknown_curve = encoded.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f"))
    assert unknown_curve != encoded
    for wrong in (encoded, unknown_curve):
        with pytest.raises(InvalidKey):
            load_token_key(wrong)


@given(data=st.data())
def test_damaged_bytes_are_refused_or_are_another_key_that_encodes_to_them(
    key: TokenKey, data: st.DataObject
) -> None:
    der = bytearray(key.public.der)
    der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read = load_token_key(bytes(der))
    except InvalidKey:
        return
    assert read.n != key.public.n
    assert spki(read.n, read.e) == bytes(der)


@given(st.binary(max_size=400))
def test_any_other_bytes_are_refused_by_name(octets: bytes) -> None:
    with pytest.raises(InvalidKey):
        load_token_key(octets)
    with pytest.raises(InvalidKey):
        load_private_key(octets)


def private_encodings(key: TokenKey) -> dict[str, bytes]:
    """A private key in forms that are not its PKCS #8 DER."""
    traditional = key.private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    encrypted = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    elliptic = ec.generate_private_key(ec.SECP256R1())
    return {
        "PKCS #1": traditional,
        "encrypted": encrypted,
        "PEM": pem,
        "trailing byte": key.der + b"\0",
        "an unknown kind": with_algorithm(key.der, 2),
        "P-256": elliptic.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    }


def test_a_private_key_in_any_other_form_is_refused_without_telling_of_it(key: TokenKey) -> None:
    assert load_private_key(key.der).private_numbers() == key.numbers
    for name, der in private_encodings(key).items():
        with pytest.raises(InvalidKey) as caught:
            load_private_key(der)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None, name
        assert der.hex()[:16] not in str(caught.value)


def test_a_private_key_that_is_no_token_key_has_no_public_half() -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505
    with pytest.raises(InvalidKey):
        public_key_of(small.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
