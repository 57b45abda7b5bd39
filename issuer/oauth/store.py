"""What the database keeps of sign-ins and grants. It decides what happens once."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, delete, insert, select, update

from issuer.keys import VoterPseudonym
from issuer.oauth.tables import granted_poll, oauth_grant, sign_in, sign_in_poll
from shared.db import insert_new, write
from shared.refusals import SignInExpired

SIGN_IN_LIFE: Final = timedelta(minutes=10)
CODE_LIFE: Final = timedelta(seconds=60)

Language = Literal["ru", "en"]
Stage = Literal["at-esia", "interrupted", "choosing", "answered"]
"""at-esia: ESIA's answer is awaited. interrupted: it came, and nothing was decided; it may be asked again.
choosing: decided, the resident chooses. answered: the code was given out."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the client asked for, checked. `state` is empty where it sent none."""

    polls: tuple[bytes, ...]
    """The wanted polls, the one the resident came for first."""
    state: str
    code_challenge: str
    language: Language


@dataclass(frozen=True, slots=True)
class Decision:
    """Of one poll and the person who signed in: a pseudonym, or the slug of a refusal."""

    poll_id: bytes
    pseudonym: VoterPseudonym | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant by its code, used or not."""

    code: bytes
    code_challenge: str
    polls: tuple[bytes, ...]
    used: bool


# Statements that every sign-in executes, several times: to put one together takes longer than SQLite does.
_FIND: Final = select(sign_in).where(
    sign_in.c.session == bindparam("id"), sign_in.c.expires_at > bindparam("now")
)
_ADVANCE: Final = (
    update(sign_in)
    .where(
        sign_in.c.session == bindparam("id"),
        sign_in.c.stage == bindparam("before"),
        sign_in.c.expires_at > bindparam("now"),
    )
    .values(stage=bindparam("after"), session=bindparam("new_id"))
    .returning(sign_in)
)
_KEEP_DECISION: Final = insert(sign_in_poll)
_FORGET_DECISIONS: Final = delete(sign_in_poll).where(sign_in_poll.c.session == bindparam("id"))
_DECISIONS: Final = (
    select(sign_in_poll).where(sign_in_poll.c.session == bindparam("id")).order_by(sign_in_poll.c.poll_id)
)
_GRANT_POLL: Final = insert(granted_poll)
_FIND_GRANT: Final = select(oauth_grant).where(
    oauth_grant.c.code == bindparam("id"), oauth_grant.c.expires_at > bindparam("now")
)
_GRANTED_POLLS: Final = (
    select(granted_poll.c.poll_id)
    .where(granted_poll.c.code == bindparam("id"))
    .order_by(granted_poll.c.poll_id)
)


def digest(secret: str) -> bytes:
    """How the database knows codes and access tokens."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def write_scope(polls: Iterable[bytes]) -> str:
    """The OAuth scope that names these polls (docs/adr/0006)."""
    return " ".join(f"poll:{poll_id.hex()}" for poll_id in polls)


def read_scope(scope: str) -> tuple[bytes, ...]:
    """The polls of a scope that `write_scope` wrote."""
    return tuple(bytes.fromhex(name.removeprefix("poll:")) for name in scope.split())


def begin(conn: Connection, session: bytes, wanted: SignIn, now: datetime) -> None:
    """Begin a sign-in: the browser goes to ESIA."""
    row = {
        "session": session,
        "stage": "at-esia",
        "scope": write_scope(wanted.polls),
        "state": wanted.state,
        "code_challenge": wanted.code_challenge,
        "language": wanted.language,
        "expires_at": _seconds(now + SIGN_IN_LIFE),
    }
    conn.execute(insert(sign_in), row)


def find(conn: Connection, session: bytes, now: datetime) -> tuple[SignIn, Stage]:
    """A sign-in and how far it is. Raises SignInExpired."""
    found = conn.execute(_FIND, {"id": session, "now": _seconds(now)}).one_or_none()
    if found is None:
        raise SignInExpired
    return _sign_in(found), found.stage


def advance(
    conn: Connection,
    session: bytes,
    now: datetime,
    *,
    before: Stage,
    after: Stage,
    new_session: bytes | None = None,
) -> SignIn:
    """Take a sign-in to its next stage, once, and to a new session if given. Raises SignInExpired."""
    here = {"id": session, "before": before, "now": _seconds(now)}
    values = {**here, "after": after, "new_id": new_session or session}
    found = conn.execute(_ADVANCE, values).one_or_none()
    if found is None:
        raise SignInExpired
    return _sign_in(found)


def end(conn: Connection, session: bytes) -> None:
    """Forget a sign-in."""
    conn.execute(delete(sign_in).where(sign_in.c.session == session))


def keep_decisions(conn: Connection, session: bytes, decisions: Iterable[Decision]) -> None:
    """Keep what was decided until the resident has chosen."""
    for made in decisions:
        row = {
            "session": session,
            "poll_id": made.poll_id,
            "pseudonym": made.pseudonym,
            "refusal": made.refusal,
        }
        conn.execute(_KEEP_DECISION, row)


def decisions_of(conn: Connection, session: bytes) -> Mapping[bytes, Decision]:
    """What was decided, by poll id."""
    rows = conn.execute(_DECISIONS, {"id": session})
    return {row.poll_id: Decision(row.poll_id, row.pseudonym, row.refusal) for row in rows}


def forget_decisions(conn: Connection, session: bytes) -> None:
    """Forget what was decided: what was granted stands in the grant."""
    conn.execute(_FORGET_DECISIONS, {"id": session})


def add_grant(
    conn: Connection, code: str, code_challenge: str, polls: Mapping[bytes, VoterPseudonym], now: datetime
) -> None:
    """Keep a grant under its code, which is valid for CODE_LIFE; what is there already stays."""
    row = {
        "code": digest(code),
        "code_challenge": code_challenge,
        "access_token": None,
        "expires_at": _seconds(now + CODE_LIFE),
    }
    if conn.execute(insert_new(conn, oauth_grant), row).rowcount == 1:
        for poll_id, pseudonym in polls.items():
            granted = {"code": digest(code), "poll_id": poll_id, "pseudonym": pseudonym}
            conn.execute(_GRANT_POLL, granted)


def find_grant(conn: Connection, code: str, now: datetime) -> Grant | None:
    """The grant of a code, used or not, until it expires."""
    row = conn.execute(_FIND_GRANT, {"id": digest(code), "now": _seconds(now)}).one_or_none()
    if row is None:
        return None
    ids = tuple(conn.scalars(_GRANTED_POLLS, {"id": row.code}))
    return Grant(row.code, row.code_challenge, ids, used=row.access_token is not None)


def use_code(conn: Connection, code: bytes, access_token: str, expires_at: datetime) -> bool:
    """Turn a code (by its hash) into an access token; False if it was turned before. One atomic statement."""
    columns = oauth_grant.c
    unused = (columns.code == code) & columns.access_token.is_(None)
    values = {"access_token": digest(access_token), "expires_at": _seconds(expires_at)}
    return conn.execute(update(oauth_grant).where(unused).values(values)).rowcount == 1


def revoke(conn: Connection, code: bytes) -> None:
    """Forget a grant: its access token is worth nothing any more."""
    conn.execute(delete(oauth_grant).where(oauth_grant.c.code == code))


def grants_of(
    conn: Connection, access_tokens: Iterable[str], now: datetime
) -> dict[str, dict[bytes, VoterPseudonym]]:
    """The granted polls of each access token, with pseudonyms; none for one that is unknown or expired."""
    known = {digest(token): token for token in access_tokens}
    grant, poll = oauth_grant.c, granted_poll.c
    mine = grant.access_token.in_(known) & _alive(grant.expires_at, now)
    query = select(grant.access_token, poll.poll_id, poll.pseudonym).join_from(
        granted_poll, oauth_grant, poll.code == grant.code
    )
    granted: dict[str, dict[bytes, VoterPseudonym]] = {}
    for token, poll_id, pseudonym in conn.execute(query.where(mine)):
        granted.setdefault(known[token], {})[poll_id] = VoterPseudonym(pseudonym)
    return granted


def forget_poll(conn: Connection, poll_id: bytes) -> None:
    """Forget who was judged and who was granted this poll."""
    for table in (sign_in_poll, granted_poll):
        conn.execute(delete(table).where(table.c.poll_id == poll_id))


def purge(engine: Engine, now: datetime) -> None:
    """Delete what has expired."""
    with write(engine) as conn:
        for table in (sign_in, oauth_grant):
            conn.execute(delete(table).where(table.c.expires_at <= _seconds(now)))


def _sign_in(row: Row[Any]) -> SignIn:
    return SignIn(read_scope(row.scope), row.state, row.code_challenge, row.language)


def _alive(expires_at: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    return expires_at > _seconds(now)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
