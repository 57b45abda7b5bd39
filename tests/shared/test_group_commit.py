"""Group commit: one transaction for all who ask at once, an outcome for each, no answer before its end."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from shared.group_commit import GroupCommit
from shared.refusals import PollClosed, Refusal, Unavailable

pytestmark = pytest.mark.faults


class Desk:
    """Settles numbers when it is let: doubles them, refuses odd ones, stumbles over 13."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.entered, self.go = Event(), Event()
        self.failure: Exception | None = None

    def settle(self, items: Sequence[int]) -> list[int | Refusal]:
        self.entered.set()
        assert self.go.wait(20)
        self.groups.append(list(items))
        if self.failure is not None:
            raise self.failure
        if 13 in items:
            raise ZeroDivisionError
        return [PollClosed() if item % 2 else 2 * item for item in items]


def until(done: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def gathered(desk: Desk, items: Sequence[int], waiting: int = 100) -> list[Future[int]]:
    """The answers to the items as one group, asked while the group of the item 0 was being settled."""
    commit = GroupCommit(desk.settle, waiting=waiting)
    with ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(commit.ask, 0)]
        assert desk.entered.wait(20)
        answers += [pool.submit(commit.ask, item) for item in items]
        until(lambda: commit._queue.qsize() + sum(answer.done() for answer in answers) == len(items))
        assert sum(not answer.done() for answer in answers) == 1 + min(len(items), waiting)
        desk.go.set()
        wait(answers)
    return answers[1:]


def test_who_asks_at_once_is_settled_at_once_and_each_has_an_outcome() -> None:
    desk = Desk()
    answers = gathered(desk, range(20, 40))
    assert [len(group) for group in desk.groups] == [1, 20]
    for item, answer in enumerate(answers, 20):
        if item % 2:
            assert isinstance(answer.exception(), PollClosed)
        else:
            assert answer.result() == 2 * item


def test_a_transaction_that_fails_answers_nobody_as_settled() -> None:
    desk = Desk()
    desk.failure = OperationalError("commit", {}, OSError())
    answers = gathered(desk, [2, 4, 6])
    assert {type(answer.exception()) for answer in answers} == {OperationalError}
    assert len(desk.groups) == 2


def test_one_item_that_cannot_be_settled_does_not_refuse_the_others() -> None:
    desk = Desk()
    answers = gathered(desk, [2, 13, 4])
    assert [type(answer.exception()) for answer in answers] == [type(None), ZeroDivisionError, type(None)]


def test_who_finds_too_many_waiting_is_refused_at_once() -> None:
    answers = gathered(Desk(), [2] * 30, waiting=10)
    refused = [answer for answer in answers if isinstance(answer.exception(), Unavailable)]
    assert len(refused) == 20
    assert all(answer.result() == 4 for answer in answers if answer not in refused)


def test_the_writer_goes_on_after_a_failure() -> None:
    desk = Desk()
    desk.go.set()
    commit = GroupCommit(desk.settle)
    with pytest.raises(ZeroDivisionError):
        commit.ask(13)
    assert commit.ask(2) == 4
