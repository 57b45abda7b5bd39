"""The issuer's background work: batches, closing, destruction of keys, archive, purge of expired grants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from issuer import store
from issuer.archive import Archive, archive_due
from issuer.issuance import TokenDesk
from issuer.issuance_log import IssuanceLog, slot_of
from issuer.key_backup import mirror
from issuer.keys import KeyStore
from issuer.settings import Settings
from shared.clock import Clock
from shared.db import read
from shared.log.publisher import Cosign, without_witnesses
from shared.logs import log_failure
from shared.manifest import Poll


@dataclass(frozen=True, slots=True)
class Worker:
    """One pass over the polls that are not archived; every step may be repeated and by several workers."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    clock: Clock
    chores: Mapping[str, Callable[[datetime], None]] = field(default_factory=dict)
    """More to do at each pass, by the event that a failure is logged as."""
    cosign: Cosign = without_witnesses
    """Asks witnesses before a checkpoint goes out."""

    def run(self, stop: Event, interval: float) -> None:
        """Work until told to stop. A failure is logged and tried again at the next pass."""
        while not stop.wait(interval):
            try:
                self.step()
            except SQLAlchemyError as error:
                log_failure("pass-failed", error)

    def step(self) -> None:
        """One pass. A poll that fails does not hold up the others."""
        now = self.clock()
        with read(self.engine) as conn:
            polls, ended = store.unarchived(conn), store.ended_polls(conn)
        for poll in polls:
            try:
                self.tend(poll, now, cancelled=poll.poll_id in ended)
            except Exception as error:
                log_failure("issuance-log-failed", error)
        chores = {**self.chores, "key-backup-failed": self._back_up}
        for event, chore in chores.items():
            try:
                chore(now)
            except Exception as error:
                log_failure(event, error)

    def tend(self, poll: Poll, now: datetime, *, cancelled: bool = False) -> None:
        """What is due for one poll: a batch, the end of issuance, the archive."""
        log = IssuanceLog(self.engine, self.keys, self.settings.url, self.cosign)
        if now < poll.manifest.closes_at and not cancelled:
            log.batch(poll, slot_of(now, self.settings.publish_every))
            return
        log.close(poll)
        self._end_issuance(poll)
        archive = Archive(self.engine, self.keys)
        if now >= archive_due(poll) and not archive.is_archived(poll):  # by another worker meanwhile
            archive.archive(poll, now)

    def _end_issuance(self, poll: Poll) -> None:
        """The token key is destroyed, and what a crash may have left of it in a draft."""
        if self.keys.has_token_key(poll.poll_id):
            TokenDesk(self.engine, self.keys, self.clock, self.settings.url).complete(poll)
            with read(self.engine) as conn:
                requests = store.requests_of(conn, poll)
            for request in requests:
                self.keys.forget_draft(request)
            self.keys.destroy_token_key(poll.poll_id)
            structlog.get_logger().info("issuance-ended", poll_id=poll.poll_id.hex()[:8])

    def _back_up(self, _now: datetime) -> None:
        self.back_up()

    def back_up(self) -> None:
        """Bring the copy of the keys up to date, where there is one to be kept."""
        if self.settings.key_backup is not None:
            mirror(self.keys, self.settings.key_backup)
