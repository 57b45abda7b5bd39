"""The issuance logs of an issuer: shuffled batches and the closing leaf (docs/protocol.md 5.4)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from issuer import store, tables
from issuer.keys import KeyStore
from issuer.polls import log_id, own_entry
from shared.closing import issuance_closing
from shared.db import read, write
from shared.log import publisher
from shared.log.publisher import Cosign, without_witnesses
from shared.log.sequencer import by_lot, head_of, sequence
from shared.log.signer import CheckpointSigner
from shared.manifest import Poll


def slot_of(moment: datetime, every: int) -> int:
    """The number of the period of `every` seconds that holds a moment; a batch goes out as one begins."""
    return int(moment.timestamp()) // every


def log_signer(keys: KeyStore, url: str, poll: Poll) -> CheckpointSigner:
    """The checkpoint signer of a poll's issuance log at the issuer with this URL. Raises KeysMissing."""
    origin = own_entry(poll, url).log_url.partition("://")[2]
    return CheckpointSigner(origin, keys.log_seed(poll.poll_id), keys.log_mark(poll.poll_id))


@dataclass(frozen=True, slots=True)
class IssuanceLog:
    """Writes and publishes the issuance logs of the issuer with this URL."""

    engine: Engine
    keys: KeyStore
    url: str
    cosign: Cosign = without_witnesses

    def batch(self, poll: Poll, slot: int) -> None:
        """Give the waiting leaves their places once per period, in random order, and publish."""
        with read(self.engine) as conn:
            due = store.batch_slot(conn, poll.poll_id) < slot
        if due:
            self._batch(poll, slot)
        self.publish(poll)

    def close(self, poll: Poll) -> None:
        """End the issuance of a poll and publish its whole log; repeatable.

        One transaction gives every waiting leaf its place and appends the closing leaf. A token request that
        comes after it finds the log closed.
        """
        with read(self.engine) as conn:
            closed = head_of(conn, tables.log, self._log_id(poll)).closed
        if not closed:
            self._close(poll)
        self.publish(poll)

    def publish(self, poll: Poll) -> None:
        """Sign and store the checkpoint of what is committed, if it is not there and waits for no witness.

        Raises LogRolledBack when the database is behind what was signed before.
        """
        with self.keys.alone("issuance-log"):
            if self._published_size(poll) != self._size(poll):
                signer = log_signer(self.keys, self.url, poll)
                publisher.publish(self.engine, tables.log, self._log_id(poll), signer, self.cosign)

    def _batch(self, poll: Poll, slot: int) -> None:
        log = self._log_id(poll)
        with write(self.engine) as conn:
            if store.enter_batch_slot(conn, poll.poll_id, slot) and not head_of(conn, tables.log, log).closed:
                sequence(conn, tables.log, log, by_lot)

    def _close(self, poll: Poll) -> None:
        log = self._log_id(poll)
        with write(self.engine) as conn:
            if not head_of(conn, tables.log, log).closed:
                last = partial(issuance_closing, poll.poll_id)
                sequence(conn, tables.log, log, by_lot, closing=last)

    def _size(self, poll: Poll) -> int:
        with read(self.engine) as conn:
            return head_of(conn, tables.log, self._log_id(poll)).size

    def _published_size(self, poll: Poll) -> int | None:
        with read(self.engine) as conn:
            if publisher.published_note(conn, tables.log, self._log_id(poll)) is None:
                return None
            return publisher.published_size(conn, tables.log, self._log_id(poll))

    def _log_id(self, poll: Poll) -> str:
        return log_id(own_entry(poll, self.url))
