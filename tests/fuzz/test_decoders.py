"""Every decoder takes honest bytes, and of hostile ones none that are not those of a value."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.decoders import DECODERS, Decoder, NotItself
from tests.fuzz.mutation import near

pytestmark = pytest.mark.faults

NAMES = [decoder.name for decoder in DECODERS]


@pytest.mark.parametrize("decoder", DECODERS, ids=NAMES)
def test_honest_bytes_are_accepted(decoder: Decoder) -> None:
    rubbish = {"ESIA token"}  # its signature is none
    assert all(decoder.try_on(data) for data in decoder.honest) or decoder.name in rubbish


@pytest.mark.attack("A19")
@pytest.mark.attack("A20")
@pytest.mark.parametrize("decoder", DECODERS, ids=NAMES)
@given(seed=st.integers(0, 2**32))
def test_bytes_near_honest_ones_are_refused_or_themselves(decoder: Decoder, seed: int) -> None:
    for data in near(decoder.honest, 4, random.Random(seed)):
        decoder.try_on(data)


@pytest.mark.parametrize("decoder", DECODERS, ids=NAMES)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_or_themselves(decoder: Decoder, data: bytes) -> None:
    decoder.try_on(data)


def test_a_decoder_that_forgives_is_found() -> None:
    forgiving = Decoder("forgiving", [b"17"], lambda data: str(int(data)).encode(), (ValueError,))
    hostile = near(forgiving.honest, 2000, random.Random(1))
    with pytest.raises(NotItself):
        list(map(forgiving.try_on, hostile))
