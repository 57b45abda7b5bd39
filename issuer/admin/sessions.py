"""Sessions of officials, kept by the server: who signed in through ESIA, by a keyed hash and nothing else."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from issuer.admin.tables import admin_session
from issuer.oauth.session import BrowserSession
from shared.refusals import SignInExpired

COOKIE: Final = "__Host-veche-office"
AT_ESIA: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=60)


def begin(conn: Connection, session: BrowserSession, now: datetime) -> None:
    """The browser goes to ESIA with this session."""
    end = int((now + AT_ESIA).timestamp())
    row = {"session": session.id, "person": None, "ends_at": end, "expires_at": end}
    conn.execute(insert(admin_session).values(row))


def take(conn: Connection, session: BrowserSession, now: datetime) -> None:
    """Use up the session that went to ESIA, once. Raises SignInExpired."""
    columns = admin_session.c
    waiting = (
        (columns.session == session.id) & columns.person.is_(None) & (columns.expires_at > _seconds(now))
    )
    if conn.execute(delete(admin_session).where(waiting)).rowcount != 1:
        raise SignInExpired


def open_for(conn: Connection, session: BrowserSession, person: bytes, now: datetime) -> None:
    """A new session, of a person who has signed in: never the one that came from outside (fixation)."""
    row = {
        "session": session.id,
        "person": person,
        "ends_at": _seconds(now + LONGEST),
        "expires_at": _seconds(now + IDLE),
    }
    conn.execute(insert(admin_session).values(row))


def person_of(conn: Connection, session: BrowserSession, now: datetime) -> bytes | None:
    """Who is signed in with this session, if it has not ended."""
    columns = admin_session.c
    alive = (columns.session == session.id) & (columns.expires_at > _seconds(now))
    return conn.scalar(select(columns.person).where(alive))


def extend(conn: Connection, session: BrowserSession, now: datetime) -> None:
    """The session was used: it stays until IDLE from now, but not beyond LONGEST."""
    columns = admin_session.c
    later = _seconds(now + IDLE)
    mine = (columns.session == session.id) & columns.person.is_not(None) & (columns.ends_at >= later)
    conn.execute(update(admin_session).where(mine).values(expires_at=later))


def end(conn: Connection, session: BrowserSession) -> None:
    """Sign out."""
    conn.execute(delete(admin_session).where(admin_session.c.session == session.id))


def purge(conn: Connection, now: datetime) -> None:
    """Delete what has expired."""
    conn.execute(delete(admin_session).where(admin_session.c.expires_at <= _seconds(now)))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
