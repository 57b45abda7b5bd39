"""Within a batch nobody is linked better than by guessing; across batches no better than the bound says."""

import math
import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unlinkability.adversary import batch_bound, batches, by_batch, by_time, daily, judge
from tests.unlinkability.at_rest import Rows, box_rows, free_pages
from tests.unlinkability.town import HOUR, Sending, town
from tests.unlinkability.views import FLOOR, WAIT, public_data, within_batches

pytestmark = [pytest.mark.faults, pytest.mark.attack("A22")]

PEOPLE = 100
SIGMAS = 6
"""A test at chance fails by itself less than once in a hundred million runs."""


NOW_AND_LATER: tuple[Sending, ...] = ("now", "later")


def is_half(rows: Rows) -> bool:
    """Whether half of the pairs lie in the order of arrival, but for chance: the variance is Kendall's."""
    part, whole = rows.together
    variance = sum(n * (n - 1) * (2 * n + 5) / 72 for n in rows.on_each_page)
    return abs(part - whole / 2) < SIGMAS * math.sqrt(variance)


def test_within_a_batch_the_log_order_is_right_as_often_as_blind_guessing() -> None:
    right, expected = within_batches(4000, 30, random.Random(1))
    assert abs(right - expected) < SIGMAS * math.sqrt(expected)


@pytest.mark.parametrize("sending", ["now", "random", "later"])
def test_across_batches_the_adversary_reaches_the_computed_bound_and_not_more(sending: Sending) -> None:
    chance = random.Random(f"1 {sending}")
    voters = town(chance, sending)
    issued = daily([voter.signs_in for voter in voters])
    cast = batches([voter.casts for voter in voters], WAIT, FLOOR)
    bound, rounds = batch_bound(issued, cast), 20
    right = sum(judge(by_batch(issued, cast, chance)).right for _ in range(rounds))
    expected = bound * len(voters) * rounds
    assert abs(right - expected) < SIGMAS * math.sqrt(expected)
    assert bound < 0.01


def test_log_order_sizes_and_revisions_add_nothing_to_batches() -> None:
    chance = random.Random(2)
    voters = town(chance, "now")
    measured = {one.strategy: one for one in public_data(voters, "now", chance)}
    bound = measured["batches"].bound
    assert bound is not None
    for strategy in ("log order", "sizes, revisions"):
        linked = measured[strategy].linked
        assert linked.right < bound * linked.of + SIGMAS * math.sqrt(bound * linked.of)


def test_who_sees_both_services_live_links_ballots_that_go_at_once_and_hardly_those_that_wait() -> None:
    now, later = (judge(by_time(town(random.Random(3), how))) for how in NOW_AND_LATER)
    assert now.success > 30 * now.chance
    assert later.success < 10 * later.chance


def test_every_batch_but_the_last_has_its_floor_and_its_wait() -> None:
    times = [voter.casts for voter in town(random.Random(4), "now")]
    made: dict[int, list[float]] = {}
    for moment, number in zip(times, batches(times, HOUR, FLOOR), strict=True):
        made.setdefault(number, []).append(moment)
    ends = sorted((min(batch), max(batch), len(batch)) for batch in made.values())
    assert all(size >= FLOOR for _, _, size in ends[:-1])
    assert all(later[0] >= earlier[0] + HOUR for earlier, later in pairwise(ends))


@pytest.mark.sqlite
def test_the_files_of_the_box_show_no_order_of_arrival_after_the_end(tmp_path: Path) -> None:
    rows = list(box_rows(tmp_path, PEOPLE))
    assert {row.table for row in rows} >= {"ballot key and log entry", "log index"}
    for row in rows:
        assert all(row.places), row.table
        assert is_half(row), (row.table, row.together)
    assert max(row.copies for row in rows) == 2
    with_one_page_for_the_lease_and_one_that_says_swept = 9000
    assert free_pages(tmp_path, "box.sqlite") < with_one_page_for_the_lease_and_one_that_says_swept


def test_the_measure_would_see_an_order() -> None:
    kept = Rows("kept", tuple((1000 + 10 * number,) for number in range(PEOPLE)))
    assert not is_half(kept)
