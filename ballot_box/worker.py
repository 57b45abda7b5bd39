"""The ballot box's background work, by one process at a time: batches, closing, checkpoints, results."""

from collections.abc import Callable
from functools import partial
from threading import Event

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ballot_box import store, tables
from ballot_box.catalogue import publish_catalogue
from ballot_box.lease import Deposed, Lease
from ballot_box.opening import open_by_itself
from ballot_box.publishing import check_remembered, publish, stop
from ballot_box.sequencing import Batches
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from ballot_box.tally import publish_result
from shared.catalogue import LOG_ID
from shared.db import Busy, read, sweep, write
from shared.log.sequencer import LogDamaged, check_whole
from shared.log.signer import LogRolledBack
from shared.logs import log_failure
from shared.refusals import BoxReadOnly


class Worker:
    """Tends every poll that has no result yet."""

    def __init__(self, box: Services) -> None:
        self._box, self._batches = box, Batches()
        self._lease = Lease(box.engine, box.settings.lease)
        self._stands_by = False
        self._compared: int | None = None
        """The term at whose beginning everything was compared."""

    def run(self, stopped: Event, interval: float) -> None:
        """Work, or wait to be the one that does, until told to stop."""
        while not stopped.wait(interval):
            try:
                self.step()
            except SQLAlchemyError as error:
                log_failure("pass-failed", error)
        self._lease.release()

    def step(self) -> None:
        """One pass over the polls without a result, if this worker leads.

        One that begins to lead compares first. A poll that fails does not hold up the others.
        """
        if not self._lease.lead():
            if not self._stands_by:
                structlog.get_logger().info("standing-by")
            self._stands_by = True
            return
        self._stands_by = False
        if self._compared != self._lease.term:
            structlog.get_logger().info("leading", count=self._lease.term)
            self.compare()
            self._compared = self._lease.term
        self._guarded(LOG_ID, self._tend_catalogue)
        with read(self._box.engine) as conn:
            polls = store.unfinished_polls(conn)
        for poll in polls:
            self._guarded(poll.log_id, partial(self._tend, poll))
        if not any(map(self._is_open, polls)):
            self._guarded(LOG_ID, self._sweep)

    def compare(self) -> None:
        """Compare every log with what was signed; a database that is behind makes the box read-only."""
        marked = self._box.state.marked_logs()
        with read(self._box.engine) as conn:
            polls = store.all_polls(conn)
        self._guarded(LOG_ID, self._compare_catalogue)
        for log_id in marked - {LOG_ID, *(poll.log_id for poll in polls)}:
            stop(self._box, log_id, LogRolledBack("the database lacks a log that was signed"))
        for poll in polls:
            self._guarded(poll.log_id, partial(self._compare, poll))

    def _compare_catalogue(self) -> None:
        self._check_whole(LOG_ID)
        publish_catalogue(self._box)

    def _compare(self, poll: StoredPoll) -> None:
        self._check_whole(poll.log_id)
        publish(self._box, poll)
        with write(self._box.engine) as conn:
            check_remembered(self._box, poll, store.accepted(conn, poll.poll_id))

    def _check_whole(self, log_id: str) -> None:
        with read(self._box.engine) as conn:
            check_whole(conn, tables.log, log_id)

    def _tend_catalogue(self) -> None:
        """Publish what a process entered that died before it could publish."""
        self._box.state.check_writable()
        publish_catalogue(self._box)

    def _tend(self, poll: StoredPoll) -> None:
        self._box.state.check_writable()
        closed = self._batches.tend(self._box, poll, self._lease)
        if not (publish(self._box, poll) and closed):
            return
        open_by_itself(self._box, poll)
        if publish_result(self._box, poll):
            structlog.get_logger().info("poll-closed", poll_id=poll.poll_id.hex()[:8])

    def _is_open(self, poll: StoredPoll) -> bool:
        return poll.manifest.opens_at <= self._box.clock() < poll.manifest.closes_at

    def _sweep(self) -> None:
        """Files keep the order of writing until then; nobody casts, so nobody is held up. Repeatable."""
        self._box.state.check_writable()
        with read(self._box.engine) as conn:
            ended = store.unswept_polls(conn)
        if not ended:
            return
        try:
            sweep(self._box.engine)
        except Busy as error:
            log_failure("sweep-held-up", error)
            return
        with write(self._box.engine) as conn:
            store.keep_swept(conn, ended)

    def _guarded(self, log_id: str, task: Callable[[], None]) -> None:
        try:
            task()
        except BoxReadOnly:
            return
        except Deposed:
            structlog.get_logger().warning("deposed")
        except LogDamaged as error:
            stop(self._box, log_id, error)
        except Exception as error:
            log_failure("poll-failed", error)
