"""No interleaving of two residents, retries, crashes and a corrupt issuer breaks a promise."""

from functools import partial

import pytest

from tests.model.election import Rules, State, broken, collusions, steps, stuck
from tests.model.explore import Explored, explore

pytestmark = pytest.mark.faults


def run(rules: Rules) -> Explored[State]:
    return explore(State(), partial(steps, rules), lambda state: broken(rules, state) or stuck(rules, state))


@pytest.mark.attack("A29")
@pytest.mark.attack("A33")
@pytest.mark.attack("A37")
@pytest.mark.attack("A39")
def test_every_interleaving_keeps_every_promise() -> None:
    explored = run(Rules())
    print(f"{explored.states} states, {explored.steps} steps")
    assert (explored.broken, explored.way) == ("", ())
    assert explored.states > 10_000


PLANTED = {
    "no unique token": (Rules(token_unique=False), "one person has two ballots"),
    "no unique ballot": (Rules(ballot_unique=False), "one person has two ballots"),
    "threshold 2 of 3": (Rules(issuers=3, threshold=2), "one person has two ballots"),
    "threshold 2 of 4": (Rules(threshold=2), "one person has two ballots"),
    "window outside of the commit": (Rules(window_inside_commit=False), "a ballot was taken after the end"),
    "receipt before the commit": (Rules(answer_after_commit=False), "an acknowledged ballot is lost"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found_with_the_way_to_it(bug: str) -> None:
    rules, expected = PLANTED[bug]
    explored = run(rules)
    assert explored.broken.startswith(expected)
    assert explored.way
    state = State()
    for name in explored.way:  # the way can be walked
        state = dict(steps(rules, state))[name]
    assert broken(rules, state) == explored.broken


@pytest.mark.parametrize("issuers", range(1, 6))
def test_two_sets_of_tokens_can_be_kept_apart_exactly_if_2k_is_more_than_n_plus_f(issuers: int) -> None:
    for threshold in range(1, issuers + 1):
        for corrupt in range(issuers):
            rules = Rules(issuers=issuers, threshold=threshold, corrupt=corrupt)
            assert (collusions(rules) == 0) == (2 * threshold > issuers + corrupt)
