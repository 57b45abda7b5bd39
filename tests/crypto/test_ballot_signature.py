"""ECDSA P-256 over ballots: one signature, one form."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from crypto import ballot_signature
from crypto.ballot_signature import ORDER
from crypto.errors import InvalidKey, InvalidSignature

FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
"""The prime of P-256 (SP 800-186 3.2.1.3)."""

CURVE_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ballot_signature.generate()


@pytest.fixture(scope="module")
def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return ballot_signature.public_bytes(key)


def numbers(signature: bytes) -> tuple[int, int]:
    """r and s."""
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")


def octets(r: int, s: int) -> bytes:
    """r || s."""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@given(message=st.binary(max_size=500))
def test_every_signature_verifies_and_has_a_low_s(key: ec.EllipticCurvePrivateKey, message: bytes) -> None:
    signature = ballot_signature.sign(key, message)
    assert len(signature) == 64
    assert numbers(signature)[1] <= ORDER // 2
    ballot_signature.verify(ballot_signature.public_bytes(key), message, signature)


@pytest.mark.attack("A34")
def test_the_high_twin_of_a_signature_is_refused(key: ec.EllipticCurvePrivateKey, public: bytes) -> None:
    r, s = numbers(ballot_signature.sign(key, b"ballot"))
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public).verify(
        encode_dss_signature(r, ORDER - s), b"ballot", ballot_signature._ALGORITHM
    )
    with pytest.raises(InvalidSignature):
        ballot_signature.verify(public, b"ballot", octets(r, ORDER - s))


@pytest.mark.vectors
def test_the_example_of_rfc_6979_is_refused_as_printed_and_accepted_with_s_lowered() -> None:
    """RFC 6979 A.2.5, SHA-256, message "sample": its s is a high one."""
    x = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    y = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
    r = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    public = bytes.fromhex("04" + x + y)
    ballot_signature.verify(public, b"sample", octets(r, ORDER - s))
    with pytest.raises(InvalidSignature):
        ballot_signature.verify(public, b"sample", octets(r, s))


def test_the_line_between_low_and_high_is_exact() -> None:
    """With the nonce 1, r is the base point's x, and a key can be found for any s and message."""
    r = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers().x % ORDER
    digest = int.from_bytes(hashlib.sha256(b"ballot").digest(), "big")
    low = ORDER // 2
    public = ballot_signature.public_bytes(
        ec.derive_private_key((low - digest) * pow(r, -1, ORDER) % ORDER, ec.SECP256R1())
    )
    ballot_signature.verify(public, b"ballot", octets(r, low))
    with pytest.raises(InvalidSignature):
        ballot_signature.verify(public, b"ballot", octets(r, low + 1))


def test_numbers_out_of_range_are_refused(key: ec.EllipticCurvePrivateKey, public: bytes) -> None:
    r, s = numbers(ballot_signature.sign(key, b"ballot"))
    top = 2**256 - 1
    for pair in ((0, s), (r, 0), (0, 0), (ORDER, s), (r, ORDER), (top, s), (r, top)):
        with pytest.raises(InvalidSignature):
            ballot_signature.verify(public, b"ballot", octets(*pair))


def test_another_length_or_encoding_is_refused(key: ec.EllipticCurvePrivateKey, public: bytes) -> None:
    signature = ballot_signature.sign(key, b"ballot")
    der = encode_dss_signature(*numbers(signature))
    stretched = signature[:32] + b"\0" + signature[32:]
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature, stretched, der):
        with pytest.raises(InvalidSignature):
            ballot_signature.verify(public, b"ballot", wrong)


def test_another_message_or_key_is_refused(key: ec.EllipticCurvePrivateKey, public: bytes) -> None:
    signature = ballot_signature.sign(key, b"ballot")
    stranger = ballot_signature.public_bytes(ballot_signature.generate())
    for point, message in ((public, b"ballot."), (public, b""), (stranger, b"ballot")):
        with pytest.raises(InvalidSignature):
            ballot_signature.verify(point, message, signature)


@given(data=st.data())
def test_a_flipped_bit_is_refused(key: ec.EllipticCurvePrivateKey, data: st.DataObject) -> None:
    signature = bytearray(ballot_signature.sign(key, b"ballot"))
    signature[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InvalidSignature):
        ballot_signature.verify(ballot_signature.public_bytes(key), b"ballot", bytes(signature))


def point_with_small_x() -> tuple[int, int]:
    """A point of the curve whose x + p still fits in 32 bytes."""
    for x in range(1, 100):
        square = (x**3 - 3 * x + CURVE_B) % FIELD
        y = pow(square, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == square:
            return x, y
    raise AssertionError("half of all x have a point")


def test_what_is_no_uncompressed_point_of_the_curve_is_no_key(
    key: ec.EllipticCurvePrivateKey, public: bytes
) -> None:
    signature = ballot_signature.sign(key, b"ballot")
    compressed = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    off_the_curve = public[:-1] + bytes([public[-1] ^ 1])
    hybrid = bytes([6 + (public[-1] & 1)]) + public[1:]
    zero, infinity = b"\x04" + bytes(64), b"\0"
    swapped = b"\x04" + public[33:] + public[1:33]
    for wrong in (
        b"",
        infinity,
        zero,
        compressed,
        hybrid,
        off_the_curve,
        swapped,
        public[:-1],
        public + b"\0",
    ):
        with pytest.raises(InvalidKey):
            ballot_signature.verify(wrong, b"ballot", signature)


def test_a_coordinate_not_below_the_field_prime_is_no_second_name_of_a_key() -> None:
    x, y = point_with_small_x()
    with pytest.raises(InvalidSignature):
        ballot_signature.verify(b"\x04" + octets(x, y), b"ballot", octets(1, 1))
    with pytest.raises(InvalidKey):
        ballot_signature.verify(b"\x04" + octets(x + FIELD, y), b"ballot", octets(1, 1))
