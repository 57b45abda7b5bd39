import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ballot import Ballot, MalformedBallot, decode_ballot, encode_ballot
from shared.token import Token


def _token(issuer: int = 0, size: int = 384) -> Token:
    return Token(issuer, b"\x11" * 32, b"\x22" * size)


BALLOT = Ballot(b"\x33" * 32, b"\x04" + b"\x44" * 64, 0, (_token(),), b"a" * 64, b"\x55" * 64)
BYTES = encode_ballot(BALLOT)


def test_the_offsets_are_those_of_the_protocol() -> None:
    m = 384
    assert BYTES[:16] == b"veche/ballot/v1\n"
    assert BYTES[16:48] == BALLOT.poll_id
    assert BYTES[48:113] == BALLOT.ballot_key
    assert BYTES[113:117] == bytes(4)
    assert BYTES[117:119] == (35 + m).to_bytes(2, "big")
    assert BYTES[120:152] == BALLOT.tokens[0].prefix
    assert BYTES[154 : 154 + m] == BALLOT.tokens[0].signature
    assert BYTES[156 + m : 156 + m + 64] == BALLOT.answers
    assert BYTES[156 + m + 64 :] == BALLOT.signature


@given(
    st.builds(
        Ballot,
        poll_id=st.binary(min_size=32, max_size=32),
        ballot_key=st.binary(min_size=65, max_size=65),
        revision=st.integers(0, 2**32 - 1),
        tokens=st.lists(
            st.builds(
                Token,
                issuer=st.integers(0, 255),
                prefix=st.binary(min_size=32, max_size=32),
                signature=st.binary(min_size=256, max_size=300),
            ),
            min_size=1,
            max_size=4,
        ).map(tuple),
        answers=st.binary(min_size=1, max_size=256),
        signature=st.binary(min_size=64, max_size=64),
    )
)
def test_every_ballot_reads_back_as_itself(ballot: Ballot) -> None:
    assert decode_ballot(encode_ballot(ballot)) == ballot


@given(st.integers(0, len(BYTES) - 1))
def test_a_truncated_ballot_is_refused(size: int) -> None:
    with pytest.raises(MalformedBallot):
        decode_ballot(BYTES[:size])


@given(st.binary(min_size=1, max_size=20))
def test_a_ballot_with_trailing_bytes_is_refused(tail: bytes) -> None:
    with pytest.raises(MalformedBallot):
        decode_ballot(BYTES + tail)


@given(st.integers(0, len(BYTES) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_read_as_what_it_is(at: int, change: int) -> None:
    changed = bytearray(BYTES)
    changed[at] ^= change
    try:
        ballot = decode_ballot(bytes(changed))
    except MalformedBallot:
        return
    assert encode_ballot(ballot) == bytes(changed)
    assert ballot != BALLOT


def test_more_than_16_kib_is_refused() -> None:
    with pytest.raises(MalformedBallot, match=r"16,384"):
        decode_ballot(BYTES + bytes(16_384))


@pytest.mark.parametrize("size", [255, 513])
def test_a_token_signature_of_an_impossible_size_is_refused(size: int) -> None:
    with pytest.raises(MalformedBallot):
        encode_ballot(
            Ballot(BALLOT.poll_id, BALLOT.ballot_key, 0, (_token(size=size),), b"a", BALLOT.signature)
        )
