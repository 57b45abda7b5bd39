"""Published polls and the window in which they give tokens."""

from datetime import datetime

from sqlalchemy import Connection

from issuer import store
from shared.manifest import Issuer, Poll
from shared.refusals import PollUnknown


def open_polls(conn: Connection, now: datetime) -> tuple[Poll, ...]:
    """The published polls that give tokens now, by id."""
    return tuple(poll for poll in store.issuing(conn) if gives_tokens(poll, now))


def known_poll(conn: Connection, poll_id: bytes) -> Poll:
    """A published poll, whatever its window. Raises PollUnknown."""
    poll = store.find_poll(conn, poll_id)
    if poll is None:
        raise PollUnknown
    return poll


def gives_tokens(poll: Poll, now: datetime) -> bool:
    """Whether a new token may be given now, as far as the manifest goes (docs/protocol.md 5.3)."""
    return poll.manifest.issuance_opens_at <= now < poll.manifest.closes_at


def own_entry(poll: Poll, url: str) -> Issuer:
    """What the manifest says of the issuer with this URL. Raises PollUnknown if it is not one of them."""
    for issuer in poll.manifest.issuers:
        if issuer.url == url:
            return issuer
    raise PollUnknown


def log_id(issuer: Issuer) -> str:
    """The id of an issuer's log, 32 hex digits: the end of its URL (docs/protocol.md 3.3)."""
    return issuer.log_url.rpartition("/")[2]
