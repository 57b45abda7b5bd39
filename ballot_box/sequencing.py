"""Batches and closing, docs/protocol.md 7.3 and 7.4."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.lease import Lease
from ballot_box.publishing import check_remembered
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from shared.closing import poll_closing
from shared.db import read, write
from shared.log.sequencer import by_lot, head_of, sequence, waiting


class Batches:
    """Decides when ballots leave the queue. Since when they wait is known to this process's memory alone."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[int, datetime]] = {}

    def tend(self, box: Services, poll: StoredPoll, lease: Lease) -> bool:
        """Sequence a batch if one is due, close if it is time; whether the log is closed.

        Raises BoxReadOnly, LogDamaged, and Deposed where another worker leads; then nothing has changed.
        """
        now = box.clock()
        if now >= poll.manifest.closes_at:
            _close(box, poll, lease)
            return True
        if self._due(box, poll, now):
            with write(box.engine) as conn:
                lease.renew(conn)
                sequence_ballots(box, conn, poll)
        return False

    def _due(self, box: Services, poll: StoredPoll, now: datetime) -> bool:
        """A log that has grown has a new queue, also where another worker led meanwhile."""
        with read(box.engine) as conn:
            count = waiting(conn, tables.log, poll.log_id)
            size = head_of(conn, tables.log, poll.log_id).size
        if count == 0:
            return False
        before, since = self._since.get(poll.log_id, (size, now))
        if before != size:
            since = now
        self._since[poll.log_id] = size, since
        waited = now - since
        batch = poll.manifest.batch
        return count >= batch.floor and waited >= timedelta(seconds=batch.longest_wait)


def sequence_ballots(
    box: Services, conn: Connection, poll: StoredPoll, *, closing: Callable[[int], bytes] | None = None
) -> None:
    """Give what waits its place by lot, then `closing`, the last leaf, made from how many are before it.

    No row tells any more when it came. Raises BoxReadOnly where ballots with a receipt are gone, LogClosed,
    LogDamaged; then the transaction must not commit.
    """
    check_remembered(box, poll, store.accepted(conn, poll.poll_id))
    first = head_of(conn, tables.log, poll.log_id).size
    head = sequence(conn, tables.log, poll.log_id, by_lot, closing=closing)
    store.reorder_ballot_keys(conn, poll, first, head.size)


def _close(box: Services, poll: StoredPoll, lease: Lease) -> None:
    """Sequence what was acknowledged and append the closing record, in one transaction; repeatable."""
    with write(box.engine) as conn:
        lease.renew(conn)
        if not head_of(conn, tables.log, poll.log_id).closed:
            sequence_ballots(box, conn, poll, closing=lambda size: poll_closing(poll.poll_id, size - 1))
