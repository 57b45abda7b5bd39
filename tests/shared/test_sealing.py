import pytest

from crypto import ballot_signature, hpke
from shared.answers import InvalidAnswers
from shared.ballot import Ballot
from shared.encoding import b64u, canonical_json
from shared.sealing import (
    Opening,
    OpeningInvalid,
    answers_reader,
    make_answers_field,
    parse_opening,
    verify_opening,
)
from tests.samples import sample_poll, sealed
from tests.simulator import ANSWERS, seed

KEY = seed("sealing")
POLL = sample_poll(**sealed(KEY))
OPENING = Opening(POLL.poll_id, KEY)
PLAIN = b'{"place":["river"],"trees":["pine","larch"]}'.ljust(64)


def _ballot(*, poll_id: bytes = POLL.poll_id, key: bytes | None = None, revision: int = 0) -> Ballot:
    """A ballot whose answers are sealed for revision 0 of key `PUBLIC` in POLL."""
    answers = make_answers_field(POLL, PUBLIC, 0, ANSWERS[0])
    return Ballot(poll_id, key or PUBLIC, revision, (), answers, bytes(64))


PUBLIC = ballot_signature.public_bytes(ballot_signature.generate())


def _read(ballot: Ballot) -> bytes:
    read = answers_reader(POLL, OPENING)
    assert read is not None
    return read(ballot)


def test_every_field_has_the_length_that_the_manifest_gives_and_hides_the_answers() -> None:
    fields = [make_answers_field(POLL, PUBLIC, 0, answers) for answers in ANSWERS]
    assert {len(field) for field in fields} == {POLL.manifest.answer_size}
    assert not any(b"place" in field for field in fields)


def test_a_field_opens_to_the_padded_answers() -> None:
    assert _read(_ballot()) == PLAIN


@pytest.mark.attack("A12")
def test_a_field_does_not_open_in_another_poll_under_another_key_or_as_another_revision() -> None:
    stranger = ballot_signature.public_bytes(ballot_signature.generate())
    for moved in (_ballot(poll_id=bytes(32)), _ballot(key=stranger), _ballot(revision=1)):
        assert _read(moved) == b""


def test_answers_that_break_the_rules_are_not_sealed() -> None:
    with pytest.raises(InvalidAnswers):
        make_answers_field(POLL, PUBLIC, 0, {"place": ("moon",), "trees": ()})


def test_nobody_reads_a_sealed_poll_before_its_opening() -> None:
    assert answers_reader(POLL, None) is None


def test_the_answers_of_an_open_poll_are_read_as_they_stand() -> None:
    read = answers_reader(sample_poll(), None)
    assert read is not None
    assert read(_ballot()) != PLAIN


def test_an_opening_is_read_back_as_it_was_written() -> None:
    assert parse_opening(OPENING.encoded) == OPENING
    verify_opening(POLL, OPENING)


@pytest.mark.parametrize(
    "members",
    [
        {"format": "veche/opening/v2"},
        {"poll_id": "00"},
        {"private_key": b64u(KEY[:31])},
        {"private_key": 1},
        {"private_key": None},
        {"extra": 1},
    ],
)
def test_an_opening_of_another_form_is_refused(members: dict[str, object]) -> None:
    good = {"format": "veche/opening/v1", "poll_id": "00" * 32, "private_key": b64u(KEY)}
    parse_opening(canonical_json(good))
    with pytest.raises(OpeningInvalid):
        parse_opening(canonical_json(good | members))


@pytest.mark.parametrize(
    "opening",
    [
        Opening(bytes(32), KEY),
        Opening(POLL.poll_id, hpke.generate_private_key()),
        Opening(POLL.poll_id, bytes(32)),
        Opening(sample_poll().poll_id, KEY),
    ],
)
def test_a_key_that_does_not_fit_the_manifest_is_refused(opening: Opening) -> None:
    with pytest.raises(OpeningInvalid):
        verify_opening(POLL, opening)


def test_no_key_opens_a_poll_that_is_not_sealed() -> None:
    with pytest.raises(OpeningInvalid, match="not sealed"):
        verify_opening(sample_poll(), Opening(sample_poll().poll_id, KEY))
