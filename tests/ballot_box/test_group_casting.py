"""Ballots that come together are stored in one transaction; each has its own outcome."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ballot_box.casting import AT_ONCE, BallotDesk
from ballot_box.routes.casting import DESK
from crypto import ballot_signature
from shared.db import write
from shared.manifest import Poll
from tests.ballot_box.box import Box, refusal
from tests.shared.test_group_commit import until
from tests.simulator import ANSWERS, Election

pytestmark = pytest.mark.faults


@contextmanager
def commits(box: Box) -> Iterator[list[int]]:
    """The transactions of the application that write, while the block runs."""
    engine, seen = box.http.application.extensions[DESK].box.engine, [0]

    def count(conn: Any) -> None:
        seen[0] += bool(conn.get_execution_options().get("writes"))

    event.listen(engine, "commit", count)
    yield seen
    event.remove(engine, "commit", count)


def cast_together(box: Box, casts: Sequence[tuple[Poll, bytes]]) -> list[tuple[int, bytes]]:
    """Status and body of each, sent one after the other while somebody else holds the database."""
    desk: BallotDesk = box.http.application.extensions[DESK]
    with ThreadPoolExecutor(len(casts) + 1) as pool:
        with write(box.engine):
            first = pool.submit(box.cast, casts[0][0], casts[0][1])
            until(lambda: desk._stored._writer.ident is not None and not desk._stored._queue.qsize())
            sent = []
            for number, (poll, ballot) in enumerate(casts[1:], 1):
                sent.append(pool.submit(box.cast, poll, ballot))
                until(partial(_holds, desk, number))
        return [(answer.status_code, answer.data) for answer in (one.result() for one in [first, *sent])]


def _holds(desk: BallotDesk, number: int) -> bool:
    return desk._stored._queue.qsize() == number


def test_twenty_ballots_at_once_take_two_transactions_and_all_are_in_the_log(box: Box, poll: Poll) -> None:
    ballots = [box.ballot(poll, ANSWERS[n % 4]) for n in range(20)]
    with commits(box) as seen:
        answers = cast_together(box, [(poll, ballot) for ballot in ballots])
    assert {status for status, _ in answers} == {200}
    assert seen == [2]
    box.close(poll)
    assert sorted(box.leaves(poll)[1:-1]) == sorted(ballots)


def test_in_one_group_each_ballot_has_its_own_outcome(box: Box, poll: Poll) -> None:
    other, key = box.publish("cd" * 32), ballot_signature.generate()
    token = (Election(poll).token(ballot_signature.public_bytes(key)),)
    first, second = (box.ballot(poll, ANSWERS[n], key=key, tokens=token) for n in range(2))
    late = box.publish("ef" * 32, opens_at=poll.manifest.closes_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       closes_at=poll.manifest.include_by.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       include_by="2027-01-01T00:00:00Z")  # fmt: skip
    casts = [
        (poll, box.ballot(poll)),
        (poll, first),
        (poll, second),
        (poll, first),
        (other, box.ballot(other)),
    ]
    answers = cast_together(box, [*casts, (late, box.ballot(late))])
    assert [status for status, _ in answers] == [200, 200, 409, 200, 200, 403]
    assert answers[1] == answers[3]
    assert (box.waiting(poll), box.waiting(other), box.waiting(late)) == (2, 1, 0)


def test_a_commit_that_fails_answers_nobody_as_accepted_and_all_may_repeat(box: Box, poll: Poll) -> None:
    ballots = [box.ballot(poll) for _ in range(8)]
    engine = box.http.application.extensions[DESK].box.engine

    def fail(conn: Any) -> None:
        if conn.get_execution_options().get("writes"):
            raise OperationalError("COMMIT", {}, OSError("disk"))

    event.listen(engine, "commit", fail)
    answers = cast_together(box, [(poll, ballot) for ballot in ballots])
    event.remove(engine, "commit", fail)
    assert {status for status, _ in answers} == {503}
    assert box.waiting(poll) == 0
    assert {box.cast(poll, ballot).status_code for ballot in ballots} == {200}
    assert box.waiting(poll) == 8


def test_too_many_at_once_are_refused_at_once_with_the_time_to_come_back(box: Box, poll: Poll) -> None:
    desk: BallotDesk = box.http.application.extensions[DESK]
    for _ in range(AT_ONCE):
        desk._room.acquire()
    answer = box.cast(poll, box.ballot(poll))
    assert refusal(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert box.waiting(poll) == 0
