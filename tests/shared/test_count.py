import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answers import InvalidAnswers, decode_answers, encode_answers
from shared.count import ChoiceCount, Tally, count_answers
from tests.samples import sample_poll

MANIFEST = sample_poll().manifest


def _answers(place: str, *trees: str) -> bytes:
    return encode_answers(MANIFEST, {"place": (place,), "trees": trees})


def _raw(text: str) -> bytes:
    return text.encode().ljust(64)


def test_answers_are_padded_to_one_length_and_read_back() -> None:
    short, long = _answers("none"), _answers("school", "pine", "larch")
    assert len(short) == len(long) == 64
    assert decode_answers(MANIFEST, long) == {"place": ("school",), "trees": ("pine", "larch")}


@pytest.mark.parametrize(
    "field",
    [
        b"",
        _raw(""),
        _raw("[]"),
        _raw("{}"),
        _raw('{"place":["river"]}'),
        _raw('{"place":[],"trees":[]}'),
        _raw('{"place":["moon"],"trees":[]}'),
        _raw('{"place":["river","school"],"trees":[]}'),
        _raw('{"place":"river","trees":[]}'),
        _raw('{"place":[1],"trees":[]}'),
        _raw('{"place":["river"],"trees":["birch","pine"]}'),
        _raw('{"place":["river"],"trees":["pine","pine"]}'),
        _raw('{"trees":[],"place":["river"]}'),
        _raw('{"place": ["river"],"trees":[]}'),
        _raw('{"place":["river"],"place":["river"],"trees":[]}'),
        _raw('{"place":["river"],"trees":[],"x":[]}'),
        _raw('{"place":["river"],"trees":[]}') + b" ",
        _raw('{"place":["river"],"trees":[]}')[:-1],
        b'{"place":["river"],"trees":[]}'.ljust(64, b"\n"),
        b"\xff".ljust(64),
        (b"[" * 64),
    ],
)
def test_answers_that_break_a_rule_are_invalid_and_counted_as_such(field: bytes) -> None:
    with pytest.raises(InvalidAnswers):
        decode_answers(MANIFEST, field)
    count = count_answers(MANIFEST, [field, _answers("river")])
    assert (count.valid, count.invalid, count.ballots) == (1, 1, 2)


def test_three_trees_are_too_many_to_encode() -> None:
    with pytest.raises(InvalidAnswers):
        _answers("river", "pine", "birch", "larch")


def test_votes_and_abstentions_are_counted_by_option() -> None:
    count = count_answers(
        MANIFEST, [_answers("river", "pine"), _answers("river", "pine", "larch"), _answers("none")]
    )
    place, trees = count.questions
    assert isinstance(place, ChoiceCount)
    assert isinstance(trees, ChoiceCount)
    assert place.votes == (("river", 2), ("school", 0), ("none", 1))
    assert trees.votes == (("pine", 2), ("birch", 0), ("larch", 1))
    assert (place.abstentions, trees.abstentions) == (0, 1)
    assert (place.leading, trees.leading) == (("river",), ("pine",))


def test_a_tie_is_not_broken_and_nothing_leads_an_empty_poll() -> None:
    tied = count_answers(MANIFEST, [_answers("river"), _answers("none")])
    assert tied.questions[0].leading == ("river", "none")
    assert count_answers(MANIFEST, []).questions[0].leading == ()


def test_a_poll_below_the_minimum_of_participants_is_not_held() -> None:
    manifest = sample_poll(minimum_participants=2).manifest
    assert not count_answers(manifest, [_answers("river"), _raw("{}")]).held
    assert count_answers(manifest, [_answers("river"), _answers("none")]).held


@given(st.permutations([_answers("river"), _answers("none", "pine"), _raw("{}"), _answers("none", "birch")]))
def test_the_order_of_ballots_does_not_matter(fields: list[bytes]) -> None:
    assert count_answers(MANIFEST, fields) == count_answers(MANIFEST, sorted(fields))


@given(
    st.lists(st.sampled_from([_answers("river"), _answers("school", "pine"), _raw("{}")]), max_size=20),
    st.integers(0, 20),
)
def test_a_count_in_parts_is_the_count_of_the_whole(fields: list[bytes], cut: int) -> None:
    whole = Tally()
    for part in (fields[cut:], fields[:cut]):
        tally = Tally()
        for field in set(part):
            tally.take(MANIFEST, field, part.count(field))
        whole.add(tally)
    assert whole.count(MANIFEST) == count_answers(MANIFEST, fields)
