"""Gathering: one group for all who ask meanwhile, an outcome for each, no answer before its end."""

import asyncio
from collections.abc import Sequence
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from shared.refusals import PollClosed, Refusal, Unavailable
from shared.web.gathering import AT_ONCE, Gathering
from tests.loops import run

pytestmark = pytest.mark.faults


class Desk:
    """Settles numbers when it is let: doubles them, refuses odd ones, stumbles over 13."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go = Event()
        self.failure: Exception | None = None

    def settle(self, items: Sequence[int]) -> list[int | Exception]:
        assert self.go.wait(60)
        self.groups.append(list(items))
        if self.failure is not None:
            raise self.failure
        if 13 in items:
            raise ZeroDivisionError
        return [PollClosed() if item % 2 else 2 * item for item in items]


def gathered(desk: Desk, items: Sequence[int], most: int = 256) -> list[int | BaseException]:
    """The outcomes of items that were asked while the group of the item 0 was being settled."""

    async def ask_all() -> list[int | BaseException]:
        gathering = Gathering(desk.settle, most=most)
        first = asyncio.create_task(gathering.ask(0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        rest = [asyncio.create_task(gathering.ask(item)) for item in items]
        await asyncio.sleep(0)
        desk.go.set()
        assert await first == 0 or desk.failure
        return list(await asyncio.gather(*rest, return_exceptions=True))

    return run(ask_all())


def test_who_asks_at_once_is_settled_at_once_and_each_has_an_outcome() -> None:
    desk = Desk()
    outcomes = gathered(desk, range(20, 40))
    assert [len(group) for group in desk.groups] == [1, 20]
    for item, outcome in enumerate(outcomes, 20):
        assert isinstance(outcome, PollClosed) if item % 2 else outcome == 2 * item


def test_a_large_crowd_is_settled_in_groups_so_that_the_first_need_not_wait_for_the_last() -> None:
    desk = Desk()
    assert gathered(desk, [2] * (AT_ONCE + 1)) == [4] * (AT_ONCE + 1)
    assert [len(group) for group in desk.groups] == [1, AT_ONCE, 1]


def test_a_transaction_that_fails_answers_nobody_as_settled() -> None:
    desk = Desk()
    desk.failure = OperationalError("commit", {}, OSError())

    async def ask_all() -> list[int | BaseException]:
        gathering = Gathering(desk.settle)
        return list(await asyncio.gather(*map(gathering.ask, [2, 4, 6]), return_exceptions=True))

    desk.go.set()
    assert [type(outcome) for outcome in run(ask_all())] == [OperationalError] * 3
    assert [len(group) for group in desk.groups] == [3]


def test_one_item_that_cannot_be_settled_does_not_refuse_the_others() -> None:
    assert [type(outcome) for outcome in gathered(Desk(), [2, 13, 4])] == [int, ZeroDivisionError, int]


def test_who_finds_too_many_waiting_is_refused_at_once() -> None:
    outcomes = gathered(Desk(), [2] * 30, most=10)
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 20
    assert sum(outcome == 4 for outcome in outcomes) == 10


def test_who_goes_away_costs_the_others_nothing_and_the_work_goes_on_after_a_failure() -> None:
    desk = Desk()

    async def ask_all() -> tuple[int, int]:
        gathering = Gathering(desk.settle)
        gone = asyncio.create_task(gathering.ask(2))
        stays = asyncio.create_task(gathering.ask(4))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.cancel()
        desk.go.set()
        first = await stays
        with pytest.raises(ZeroDivisionError):
            await gathering.ask(13)
        return first, await gathering.ask(8)

    assert run(ask_all()) == (8, 16)


def test_a_refusal_of_the_whole_group_is_everybodys() -> None:
    desk = Desk()
    desk.failure = Unavailable()
    desk.go.set()

    async def ask_all() -> list[int | BaseException]:
        gathering: Gathering[int, int] = Gathering(desk.settle)
        return list(await asyncio.gather(*map(gathering.ask, [2, 4]), return_exceptions=True))

    assert all(isinstance(outcome, Refusal) for outcome in run(ask_all()))
