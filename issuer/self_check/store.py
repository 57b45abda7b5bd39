"""What the database keeps of a self-check, until it expires."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select

from issuer.keys import VoterPseudonym
from issuer.oauth.session import BrowserSession
from issuer.self_check.tables import self_check, self_check_poll
from shared.db import write
from shared.refusals import SignInExpired

COOKIE: Final = "__Host-veche-self-check"
LIFE: Final = timedelta(minutes=15)
"""Of the way to ESIA, and again of the answer."""


def begin(conn: Connection, session: BrowserSession, now: datetime) -> None:
    """The browser goes to ESIA with this session."""
    _insert(conn, session, now, at_esia=True)


def take(conn: Connection, session: BrowserSession, now: datetime) -> None:
    """Use up the session that went to ESIA, once. Raises SignInExpired."""
    waiting = _alive(session, now) & self_check.c.at_esia
    if conn.execute(delete(self_check).where(waiting)).rowcount != 1:
        raise SignInExpired


def answer(
    conn: Connection, session: BrowserSession, pseudonyms: Mapping[bytes, VoterPseudonym], now: datetime
) -> None:
    """A new session, which may see the records of these pseudonyms, by poll id."""
    _insert(conn, session, now, at_esia=False)
    for poll_id, pseudonym in pseudonyms.items():
        row = {"session": session.id, "poll_id": poll_id, "pseudonym": pseudonym}
        conn.execute(insert(self_check_poll).values(row))


def pseudonyms_of(conn: Connection, session: BrowserSession, now: datetime) -> Mapping[bytes, VoterPseudonym]:
    """Whose records the session may see, by poll id. Raises SignInExpired."""
    if conn.scalar(select(self_check.c.session).where(_alive(session, now), ~self_check.c.at_esia)) is None:
        raise SignInExpired
    rows = conn.execute(select(self_check_poll).where(self_check_poll.c.session == session.id))
    return {row.poll_id: VoterPseudonym(row.pseudonym) for row in rows}


def end(conn: Connection, session: BrowserSession) -> None:
    """Forget a session."""
    conn.execute(delete(self_check).where(self_check.c.session == session.id))


def forget_poll(conn: Connection, poll_id: bytes) -> None:
    """Forget the pseudonyms of a poll: it is archived."""
    conn.execute(delete(self_check_poll).where(self_check_poll.c.poll_id == poll_id))


def purge(engine: Engine, now: datetime) -> None:
    """Delete what has expired."""
    with write(engine) as conn:
        conn.execute(delete(self_check).where(self_check.c.expires_at <= int(now.timestamp())))


def _insert(conn: Connection, session: BrowserSession, now: datetime, *, at_esia: bool) -> None:
    row = {"session": session.id, "at_esia": at_esia, "expires_at": int((now + LIFE).timestamp())}
    conn.execute(insert(self_check).values(row))


def _alive(session: BrowserSession, now: datetime) -> ColumnElement[bool]:
    return (self_check.c.session == session.id) & (self_check.c.expires_at > int(now.timestamp()))
