"""Published polls and the window in which they give tokens."""

from datetime import datetime

from sqlalchemy import Connection

from issuer import store
from issuer.store import StoredPoll
from shared.manifest import Issuer, Poll
from shared.refusals import PollClosed, PollNotOpen, PollUnknown


def open_polls(conn: Connection, now: datetime) -> tuple[Poll, ...]:
    """The published polls that give tokens now, by id."""
    return tuple(
        stored.poll
        for stored in store.all_polls(conn)
        if not stored.closed
        and stored.poll.manifest.issuance_opens_at <= now < stored.poll.manifest.closes_at
    )


def known_poll(conn: Connection, poll_id: bytes) -> Poll:
    """A published poll, whatever its window. Raises PollUnknown."""
    return stored_poll(conn, poll_id).poll


def stored_poll(conn: Connection, poll_id: bytes) -> StoredPoll:
    """A published poll with its state. Raises PollUnknown."""
    stored = store.find_poll(conn, poll_id)
    if stored is None:
        raise PollUnknown
    return stored


def check_window(stored: StoredPoll, now: datetime) -> None:
    """Check that a poll gives new tokens now (docs/protocol.md 5.3). Raises PollNotOpen, PollClosed."""
    if stored.closed or now >= stored.poll.manifest.closes_at:
        raise PollClosed
    if now < stored.poll.manifest.issuance_opens_at:
        raise PollNotOpen


def own_entry(poll: Poll, url: str) -> Issuer:
    """What the manifest says of the issuer with this URL. Raises PollUnknown if it is not one of them."""
    for issuer in poll.manifest.issuers:
        if issuer.url == url:
            return issuer
    raise PollUnknown
