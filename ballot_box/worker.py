"""The ballot box's background work, by one process at a time: batches, closing, checkpoints, results."""

from collections.abc import Callable
from threading import Event

import structlog

from ballot_box import store
from ballot_box.publishing import publish, stop
from ballot_box.sequencing import Batches
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from ballot_box.tally import publish_result
from shared.db import read
from shared.log.sequencer import LogDamaged
from shared.logs import log_failure
from shared.refusals import BoxReadOnly


class Worker:
    """Tends every poll that has no result yet."""

    def __init__(self, box: Services) -> None:
        self._box, self._batches = box, Batches()

    def run(self, stopped: Event, interval: float) -> None:
        """Wait to be the one worker, compare every log with what was signed, then work until told to stop."""
        with self._box.state.leading(lambda: stopped.wait(interval)) as leads:
            if leads:
                self.compare()
                while not stopped.wait(interval):
                    self.step()

    def compare(self) -> None:
        """Sign every head again: a database that is behind its signer's mark makes the box read-only."""
        with read(self._box.engine) as conn:
            polls = store.all_polls(conn)
        for poll in polls:
            self._guarded(poll, self._publish)

    def step(self) -> None:
        """One pass over the polls without a result. A poll that fails does not hold up the others."""
        with read(self._box.engine) as conn:
            polls = store.unfinished_polls(conn)
        for poll in polls:
            self._guarded(poll, self._tend)

    def _tend(self, poll: StoredPoll) -> None:
        self._box.state.check_writable()
        closed = self._batches.tend(self._box, poll)
        self._publish(poll)
        if closed:
            publish_result(self._box, poll)
            structlog.get_logger().info("poll-closed", poll_id=poll.poll_id.hex()[:8])

    def _publish(self, poll: StoredPoll) -> None:
        publish(self._box, poll)

    def _guarded(self, poll: StoredPoll, task: Callable[[StoredPoll], None]) -> None:
        try:
            task(poll)
        except BoxReadOnly:
            return
        except LogDamaged as error:
            stop(self._box, poll, error)
        except Exception as error:
            log_failure("poll-failed", error)
