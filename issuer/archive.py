"""The end of a poll's memory of persons (docs/protocol.md 5.5): what could say who took part is destroyed.

First the pseudonym key: without it every copy of a pseudonym, in any backup, is a random number. Then the
rows, by one transaction. Then what the database's files still hold of them. Counts and the public log stay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from issuer import store
from issuer.keys import KeyStore
from issuer.oauth.store import forget_poll
from issuer.self_check import store as self_checks
from shared.db import read, sweep, write
from shared.manifest import Poll


class NotYetDue(Exception):
    """The dispute period of this poll is not over; the exception's argument is when it is."""


def archive_due(poll: Poll) -> datetime:
    """When the dispute period is over, and every promise of the poll has been due."""
    manifest = poll.manifest
    return max(manifest.closes_at + timedelta(days=manifest.dispute_days), manifest.include_by)


@dataclass(frozen=True, slots=True)
class Archive:
    """Archives polls whose issuance has ended."""

    engine: Engine
    keys: KeyStore

    def archive(self, poll: Poll, now: datetime) -> None:
        """Destroy what links persons to this poll; repeatable after a crash at any point.

        Raises NotYetDue, and Busy when somebody reads the old pages: then the rest is done next time.
        """
        if now < archive_due(poll):
            raise NotYetDue(archive_due(poll))
        self.keys.destroy_pseudonym_key(poll.poll_id)
        with write(self.engine) as conn:
            forget_poll(conn, poll.poll_id)
            self_checks.forget_poll(conn, poll.poll_id)
            store.archive(conn, poll.poll_id)
        sweep(self.engine)
        with write(self.engine) as conn:
            store.finish_archive(conn, poll.poll_id)
        structlog.get_logger().info("poll-archived", poll_id=poll.poll_id.hex()[:8])

    def is_archived(self, poll: Poll) -> bool:
        """Whether nothing is left to be done."""
        with read(self.engine) as conn:
            return store.is_archived(conn, poll.poll_id)
