"""The issuer's background work: batches, closing, destruction of keys, archive, purge of expired grants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

import structlog
from sqlalchemy import Engine

from issuer import store
from issuer.archive import Archive, archive_due
from issuer.issuance import TokenDesk
from issuer.issuance_log import IssuanceLog, slot_of
from issuer.key_backup import mirror
from issuer.keys import KeyStore
from issuer.settings import Settings
from shared.clock import Clock
from shared.db import read
from shared.logs import log_failure
from shared.manifest import Poll


@dataclass(frozen=True, slots=True)
class Worker:
    """One pass over all polls at a time; every step may be repeated and by several workers."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    clock: Clock
    purge: Callable[[Engine, datetime], None]
    """Forget what sign-ins left behind and no longer need."""

    def run(self, stop: Event, interval: float) -> None:
        """Work until told to stop. A failure is logged and tried again at the next pass."""
        while not stop.wait(interval):
            self.step()

    def step(self) -> None:
        """One pass. A poll that fails does not hold up the others."""
        now = self.clock()
        with read(self.engine) as conn:
            polls = store.all_polls(conn)
        for poll in polls:
            try:
                self.tend(poll, now)
            except Exception as error:
                log_failure("issuance-log-failed", error)
        try:
            self.purge(self.engine, now)
        except Exception as error:
            log_failure("purge-failed", error)
        self.back_up()

    def tend(self, poll: Poll, now: datetime) -> None:
        """What is due for one poll: a batch, the end of issuance, the archive."""
        archive = Archive(self.engine, self.keys)
        if archive.is_archived(poll):
            return
        log = IssuanceLog(self.engine, self.keys, self.settings.url)
        if now < poll.manifest.closes_at:
            log.batch(poll, slot_of(now, self.settings.publish_every))
            return
        log.close(poll)
        self._end_issuance(poll)
        if now >= archive_due(poll):
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

    def back_up(self) -> None:
        """Bring the copy of the keys up to date, where there is one to be kept."""
        if self.settings.key_backup is None:
            return
        try:
            mirror(self.keys, self.settings.key_backup)
        except Exception as error:
            log_failure("key-backup-failed", error)
