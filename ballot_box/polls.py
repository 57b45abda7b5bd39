"""Reading published polls."""

from dataclasses import dataclass

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.store import StoredPoll
from shared.log.publisher import published_size
from shared.log.sequencer import head_of
from shared.refusals import PollUnknown


@dataclass(frozen=True, slots=True)
class PublishedState:
    """What the published part of a poll's log shows: the number of ballots, and whether it is closed.

    `awaits_opening`: the poll is over and sealed, and nobody opened it yet.
    """

    ballots: int
    closed: bool
    awaits_opening: bool


def known_poll(conn: Connection, poll_id: bytes) -> StoredPoll:
    """A published poll. Raises PollUnknown."""
    poll = store.find_poll(conn, poll_id)
    if poll is None:
        raise PollUnknown
    return poll


def published_state(conn: Connection, poll: StoredPoll) -> PublishedState:
    """How far the log is published; leaf 0 and the closing record are no ballots."""
    size = published_size(conn, tables.log, poll.log_id)
    head = head_of(conn, tables.log, poll.log_id)
    closed = head.closed and size == head.size
    return PublishedState(
        ballots=max(0, size - 1 - closed),
        closed=closed,
        awaits_opening=closed and poll.manifest.sealing is not None and not _is_settled(conn, poll.poll_id),
    )


def _is_settled(conn: Connection, poll_id: bytes) -> bool:
    kinds: tuple[store.Published, ...] = ("opening", "cancellation")
    return any(store.find_statement(conn, poll_id, kind) is not None for kind in kinds)
