"""Ranked and scored questions, and ballots that a later revision replaces."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answers import Answer, InvalidAnswers, decode_answers, encode_answers
from shared.count import Count, RankingCount, ScoreCount, Tally, count_answers
from shared.manifest import Manifest, ManifestInvalid, answer_size, build_manifest
from shared.result import question_members
from shared.revisions import replaced
from shared.runoff import run_off
from tests.samples import sample_members, sample_poll

OPTIONS = ("river", "hill", "yard")


def manifest_with(kind: str, least: int, most: int) -> Manifest:
    members = sample_members()
    question = members["questions"][1] | {
        "id": "place",
        "kind": kind,
        "min": least,
        "max": most,
        "options": [{"id": option, "text": {"ru": option, "en": option}} for option in OPTIONS],
    }
    return build_manifest(members | {"questions": [question], "answer_size": 64}).manifest


RANKING, SCORE = manifest_with("ranking", 1, 3), manifest_with("score", 0, 5)


def fields(manifest: Manifest, *answers: Answer) -> list[bytes]:
    return [encode_answers(manifest, {"place": answer}) for answer in answers]


def ranked(*answers: tuple[str, ...]) -> RankingCount:
    found = count_answers(RANKING, fields(RANKING, *answers)).questions[0]
    assert isinstance(found, RankingCount)
    return found


@pytest.mark.parametrize(
    ("manifest", "field"),
    [
        (RANKING, '{"place":["river","river"]}'),
        (RANKING, '{"place":["moon"]}'),
        (RANKING, '{"place":[1,2,3]}'),
        (RANKING, '{"place":[["river"]]}'),
        (SCORE, '{"place":[1,2]}'),
        (SCORE, '{"place":[1,2,6]}'),
        (SCORE, '{"place":[1,2,-1]}'),
        (SCORE, '{"place":[1,2,true]}'),
        (SCORE, '{"place":[1,2,1.5]}'),
        (SCORE, '{"place":["1","2","3"]}'),
        (SCORE, '{"place":[1,2,null]}'),
    ],
)
def test_answers_that_break_a_rule_are_invalid(manifest: Manifest, field: str) -> None:
    with pytest.raises(InvalidAnswers):
        decode_answers(manifest, field.encode().ljust(64))


@pytest.mark.parametrize(("least", "most"), [(-1, 5), (0, 11), (5, 5), (3, 2)])
def test_a_scale_has_ends_within_reason(least: int, most: int) -> None:
    with pytest.raises(ManifestInvalid):
        manifest_with("score", least, most)


def test_the_answer_size_holds_the_longest_score() -> None:
    members = sample_members()["questions"][1] | {"kind": "score", "min": 0, "max": 10}
    question = sample_poll().manifest.questions[1].model_validate(members)
    assert answer_size((question,), sealed=False) == 64
    many = question.model_copy(update={"options": question.options * 10})
    assert answer_size((many,), sealed=False) == 128


def test_scores_are_counted_by_value_and_summed_exactly() -> None:
    found = count_answers(SCORE, fields(SCORE, (5, 0, 2), (4, 0, 2), (), (0, 0, 5))).questions[0]
    assert isinstance(found, ScoreCount)
    assert dict(found.scores)["river"] == (1, 0, 0, 0, 1, 1)
    assert (dict(found.sums), found.abstentions) == ({"river": 9, "hill": 0, "yard": 9}, 1)
    assert found.leading == ("river", "yard")
    assert question_members(found)["options"][1] == {"id": "hill", "scores": [3, 0, 0, 0, 0, 0], "sum": 0}


def test_an_option_with_more_than_half_leads_at_once() -> None:
    found = ranked(("river",), ("river", "hill"), ("hill", "river"))
    assert (found.leading, len(found.rounds)) == (("river",), 1)


def test_votes_of_the_weakest_go_to_the_next_choice() -> None:
    found = ranked(*[("river",)] * 4, *[("hill", "yard")] * 3, *[("yard", "hill")] * 2)
    assert found.leading == ("hill",)
    assert [one.eliminated for one in found.rounds] == [("yard",), ()]
    assert dict(found.rounds[1].votes) == {"river": 4, "hill": 5}


def test_ballots_without_a_further_choice_are_exhausted_and_do_not_count_for_the_majority() -> None:
    found = ranked(*[("river",)] * 3, *[("hill",)] * 2, *[("yard",)] * 1)
    assert found.leading == ("river",)
    assert [one.exhausted for one in found.rounds] == [0, 1]


def test_a_tie_at_the_end_is_not_broken() -> None:
    assert ranked(("river",), ("hill",)).leading == ("river", "hill")
    assert (
        ranked(("river", "hill", "yard"), ("hill", "yard", "river"), ("yard", "river", "hill")).leading
        == OPTIONS
    )


def test_a_tie_for_the_last_place_looks_back_and_then_at_how_many_name_the_option() -> None:
    # hill and yard have one vote each; hill is named by two more ballots, so yard leaves.
    found = ranked(*[("river", "hill")] * 2, ("hill",), ("yard", "hill"))
    assert found.rounds[0].eliminated == ("yard",)
    # In the second round a and b tie; in the first b had fewer, so b leaves.
    rankings = {("a",): 3, ("b",): 2, ("c", "b"): 1, ("d",): 4}
    assert [one.eliminated for one in run_off("abcd", rankings).rounds] == [("c",), ("b",), ()]


def test_nobody_leads_when_nobody_voted() -> None:
    found = count_answers(RANKING, fields(RANKING, (), ())).questions[0]
    assert isinstance(found, RankingCount)
    assert (found.leading, found.abstentions) == ((), 2)


rankings_of = st.lists(
    st.lists(st.sampled_from("abcde"), unique=True, min_size=1, max_size=5).map(tuple), max_size=30
)


@given(rankings_of)
def test_a_run_off_ends_and_accounts_for_every_ballot_in_every_round(ballots: list[tuple[str, ...]]) -> None:
    found = run_off("abcde", Counter(ballots))
    inside = set("abcde")
    for one in found.rounds:
        assert sum(votes for _, votes in one.votes) + one.exhausted == len(ballots)
        assert {option for option, _ in one.votes} == inside
        inside -= set(one.eliminated)
    assert set(found.leading) <= inside
    assert bool(found.leading) == bool(ballots)


@given(rankings_of)
def test_the_majoritys_first_choice_leads(ballots: list[tuple[str, ...]]) -> None:
    found = run_off("abcde", Counter(ballots))
    for option, votes in Counter(ballot[0] for ballot in ballots).items():
        if 2 * votes > len(ballots):
            assert found.leading == (option,)


@given(rankings_of, st.permutations("abcde"))
def test_the_order_of_the_options_decides_nothing(ballots: list[tuple[str, ...]], order: list[str]) -> None:
    one, other = run_off("abcde", Counter(ballots)), run_off(order, Counter(ballots))
    assert set(one.leading) == set(other.leading)
    assert [set(found.eliminated) for found in one.rounds] == [
        set(found.eliminated) for found in other.rounds
    ]


@given(
    st.lists(st.sampled_from([*fields(RANKING, ("river",), ("hill", "yard"), ()), b" " * 64]), max_size=12)
)
def test_what_is_taken_in_can_be_taken_out(ballots: list[bytes]) -> None:
    tally = Tally()
    for field in ballots:
        tally.take(RANKING, field)
        tally.take(RANKING, field)
        tally.take(RANKING, field, -1)
    assert tally.count(RANKING) == count_answers(RANKING, ballots)


ballots_of = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 3)), max_size=12)


@given(ballots_of)
@pytest.mark.attack("A9")
def test_of_one_key_the_highest_revision_counts_and_of_equals_the_first(
    ballots: list[tuple[bytes, int]],
) -> None:
    out = replaced((index, key, revision) for index, (key, revision) in enumerate(ballots))
    for name in {key for key, _ in ballots}:
        mine = [(-revision, index) for index, (key, revision) in enumerate(ballots) if key == name]
        assert {index for _, index in mine} - out == {min(mine)[1]}


def test_a_count_is_the_same_whatever_the_parts() -> None:
    all_fields = fields(SCORE, (5, 0, 2), (1, 1, 1), ())
    whole: Tally = Tally()
    for field in all_fields:
        part = Tally()
        part.take(SCORE, field)
        whole.add(part)
    count: Count = whole.count(SCORE)
    expected: Any = count_answers(SCORE, all_fields)
    assert count == expected
