"""Which worker leads, and that one which was stopped and resumes writes nothing."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event, Thread

import pytest
from sqlalchemy import Connection

from ballot_box import store
from ballot_box.lease import Deposed, Lease
from shared.db import read, write
from shared.manifest import Poll
from tests.ballot_box.box import Box

pytestmark = [pytest.mark.faults, pytest.mark.both_databases]


@dataclass
class Stopwatch:
    """A monotonic clock that a test sets."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_free_lease_is_taken_at_once_and_by_one(box: Box) -> None:
    first, second = Lease(box.engine, 5), Lease(box.engine, 5)
    assert (first.lead(), second.lead()) == (True, False)
    assert (first.lead(), second.lead()) == (True, False)
    first.release()
    assert (second.lead(), first.lead()) == (True, False)


def test_a_lease_is_taken_over_only_when_it_was_not_renewed_for_the_whole_time(box: Box) -> None:
    watch = Stopwatch()
    leading, waiting = Lease(box.engine, 5, watch), Lease(box.engine, 5, watch)
    assert leading.lead()
    assert not waiting.lead()
    watch.now += 4.9
    assert leading.lead()
    watch.now += 0.2
    assert not waiting.lead(), "it was renewed meanwhile"
    watch.now += 4.9
    assert not waiting.lead()
    watch.now += 0.2
    assert waiting.lead()
    assert waiting.term == 2
    assert not leading.lead()


def test_a_leader_that_was_stopped_finds_its_transaction_undone(box: Box, poll: Poll) -> None:
    stale, fresh = Lease(box.engine, 0), Lease(box.engine, 0)
    assert stale.lead()
    assert fresh.lead()
    box.cast(poll, box.ballot(poll))
    with pytest.raises(Deposed), write(box.engine) as conn:
        _sequence_and_renew(box, poll, stale, conn)
    assert box.waiting(poll) == 1


def _sequence_and_renew(box: Box, poll: Poll, lease: Lease, conn: Connection) -> None:
    box.log_sequenced(conn, poll)
    lease.renew(conn)


def test_a_released_lease_is_not_renewed(box: Box) -> None:
    lease = Lease(box.engine, 5)
    assert lease.lead()
    other = Lease(box.engine, 5, term=lease.term)
    lease.release()
    with pytest.raises(Deposed), write(box.engine) as conn:
        other.renew(conn)


@pytest.mark.parametrize("closes", [True, False], ids=["closing", "a batch"])
def test_a_deposed_worker_stops_in_the_middle_of_its_pass(box: Box, poll: Poll, *, closes: bool) -> None:
    stale = box.new_worker()
    stale.step()
    box.worker.step()
    box.cast(poll, box.ballot(poll))
    with read(box.engine) as conn:
        (stored,) = store.all_polls(conn)
    for worker in (stale, box.worker):
        worker._guarded(stored.log_id, partial(worker._tend, stored))
    later = timedelta(seconds=poll.manifest.batch.longest_wait)
    box.watch.now = poll.manifest.closes_at if closes else box.watch.now + later
    stale._guarded(stored.log_id, partial(stale._tend, stored))
    assert box.leaves(poll) == [poll.first_leaf]
    box.worker.step()
    assert len(box.leaves(poll)) == 2 + closes


def test_a_worker_that_waits_its_turn_stops_when_told(box: Box) -> None:
    assert Lease(box.engine, 60).lead()
    stopped = Event()
    thread = Thread(target=box.new_worker().run, args=(stopped, 0.01))
    thread.start()
    stopped.set()
    thread.join(60)
    assert not thread.is_alive()
