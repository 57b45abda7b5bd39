"""Streebog and the curve by tables, against gostcrypto: a second implementation, written by others."""

import secrets
from unittest.mock import Mock

import pytest
from gostcrypto import gosthash, gostsignature
from hypothesis import given
from hypothesis import strategies as st

from issuer.esia import gost, gost_curve, libgcrypt, streebog
from issuer.esia.gost import GostPrivateKey
from issuer.esia.gost_curve import BASE, B, P, Q, base_table, combine, key_table, on_curve

pytestmark = pytest.mark.interop

CURVE = gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-2012-256-paramSetB"]
PEER = gostsignature.new(gostsignature.MODE_256, CURVE)
numbers = st.integers(1, int(Q) - 1)


def _peer_point(secret: int) -> tuple[int, int]:
    point = bytes(PEER.public_key_generate(bytearray(secret.to_bytes(32, "big"))))
    return int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")


def test_the_curve_is_that_of_the_standard() -> None:
    assert (P, -3 % P, B, Q, *BASE) == tuple(CURVE[name] for name in ("p", "a", "b", "q", "x", "y"))
    assert on_curve(*BASE)


@pytest.mark.parametrize("size", [*range(0, 130, 13), 63, 64, 65, 127, 128, 129, 1000])
def test_streebog_agrees_at_every_kind_of_length(size: int) -> None:
    for data in (secrets.token_bytes(size), b"\xff" * size):
        expected = bytes(gosthash.new("streebog256", data=bytearray(data)).digest())
        assert streebog.digest(data) == expected
        assert gost.streebog256(data) == expected


@pytest.mark.skipif(libgcrypt.streebog256() is None, reason="libgcrypt is not installed")
def test_the_library_is_used_where_it_is_there_and_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gost.streebog256 is not streebog.digest
    monkeypatch.setattr(libgcrypt, "_OLDEST", b"99.0.0")
    assert libgcrypt.streebog256() is None
    monkeypatch.setattr(libgcrypt, "_LIBRARY", "libnothing.so.0")
    assert libgcrypt.streebog256() is None


@given(numbers)
def test_a_public_key_agrees(secret: int) -> None:
    public = GostPrivateKey(secret).public_key()
    assert (public.x, public.y) == _peer_point(secret)


@given(numbers, numbers, numbers, st.binary(max_size=80))
def test_a_signature_with_a_given_nonce_agrees(secret: int, one: int, two: int, message: bytes) -> None:
    ours = gost._sign_with(GostPrivateKey(secret), message, (one, two))
    nonce = bytearray(((one + two) % Q or 1).to_bytes(32, "big"))
    digest = bytearray(gost.streebog256(message)[::-1])
    r_s = bytes(PEER.sign(bytearray(secret.to_bytes(32, "big")), digest, nonce))
    assert ours == r_s[32:] + r_s[:32]


def test_a_nonce_that_comes_to_zero_gives_no_signature() -> None:
    assert gost._sign_with(GostPrivateKey(5), b"", (7, int(Q) - 7)) is None


def test_sums_that_meet_themselves_their_negatives_and_infinity_are_right() -> None:
    base, q = base_table(), int(Q)
    assert combine((base, 0)) == (0, 0)
    assert combine((base, q)) == (0, 0)
    assert combine((base, 1), (base, q - 1)) == (0, 0)
    assert combine((base, 1), (base, 1)) == combine((base, 2)) == _peer_point(2)
    assert combine((base, q + 3)) == _peer_point(3)
    assert combine((base, 2**256 - 1)) == _peer_point((2**256 - 1) % q)
    assert combine((base, 4), (key_table(*BASE), 9)) == _peer_point(13)


@pytest.mark.parametrize("secret", [1, 2**128, int(Q) - 1])
def test_every_secret_takes_as_many_steps(secret: int, monkeypatch: pytest.MonkeyPatch) -> None:
    base_table()
    add = Mock(side_effect=gost_curve._add)
    monkeypatch.setattr(gost_curve, "_add", add)
    gost.sign(GostPrivateKey(secret), b"")
    assert add.call_count == 2 * 32
