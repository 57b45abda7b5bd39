"""Applications for access (ЗАЯВКА): made by an administration, decided by the operator."""

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal, Self

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from issuer.admin import acts, officials
from issuer.admin.refusals import ActNotPossible, NothingThere, TooManyApplications
from issuer.admin.tables import application, official
from shared.clock import ALTAI

Stage = Literal["made", "received", "approved", "refused"]

MAX_WAITING: Final = 500
"""Applications that nobody has received yet."""
SCAN_TYPES: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}
MAX_SCAN_SIZE: Final = 10 * 1024 * 1024
_CODE_SIZE: Final = 15
_DIGITS: Final = "23456789"
_WITHOUT_SCAN: Final = tuple(column for column in application.c if column.name != "scan")


@dataclass(frozen=True, slots=True, repr=False)
class Fields:
    """What the paper says, in its order. Dates as YYYY-MM-DD."""

    oktmo: str
    administration: str
    full_name: str
    position: str
    birth_date: str
    snils: str
    """11 digits."""
    confirmed: bool
    email: str
    phone: str
    starts_on: str
    ends_on: str
    head_position: str
    head_name: str


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """An application and what became of it."""

    id: bytes
    number: str
    stage: Stage
    fields: Fields
    reason: str
    scan_type: str | None
    made_at: datetime

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From a row of the table."""
        fields, made_at = Fields(**json.loads(row.fields)), datetime.fromtimestamp(row.made_at, UTC)
        return cls(row.id, row.number, row.stage, fields, row.reason, row.scan_type, made_at)


def new_code() -> str:
    """The secret that the applicant comes back with: 24 characters in groups of four."""
    text = base64.b32encode(secrets.token_bytes(_CODE_SIZE)).decode("ascii")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def id_of(code: str) -> bytes:
    """The database's name of the application with this code, 32 bytes."""
    return hashlib.sha256(code.strip().upper().encode("utf-8", "replace")).digest()


def make(conn: Connection, code: str, fields: Fields, now: datetime) -> None:
    """Keep a new application. The same code again changes nothing. Raises TooManyApplications."""
    if conn.scalar(select(application.c.number).where(application.c.id == id_of(code))) is not None:
        return
    waiting = select(func.count()).select_from(application).where(application.c.stage == "made")
    if (conn.scalar(waiting) or 0) >= MAX_WAITING:
        raise TooManyApplications
    number = "".join(secrets.choice(_DIGITS) for _ in range(8))
    row = {
        "id": id_of(code),
        "number": number,
        "stage": "made",
        "fields": json.dumps(asdict(fields), ensure_ascii=False),
        "reason": "",
        "made_at": int(now.timestamp()),
    }
    conn.execute(insert(application).values(row))
    acts.record(conn, "application-made", number, now, by=None)


def find(conn: Connection, number: str) -> Application:
    """By its number. Raises NothingThere."""
    return _one(conn, application.c.number == number)


def by_code(conn: Connection, code: str) -> Application:
    """By the applicant's code. Raises NothingThere."""
    return _one(conn, application.c.id == id_of(code))


def listed(conn: Connection, first: int, limit: int) -> list[Application]:
    """So many applications from this place on, the newest first."""
    newest = select(*_WITHOUT_SCAN).order_by(application.c.made_at.desc(), application.c.number)
    return [Application.of(row) for row in conn.execute(newest.offset(first).limit(limit))]


def scan_type(data: bytes) -> str | None:
    """The media type by the first bytes, if it is one we take."""
    return next((kind for start, kind in SCAN_TYPES.items() if data.startswith(start)), None)


def attach(conn: Connection, wanted: Application, scan: bytes, kind: str) -> None:
    """Keep the signed paper; until the decision another one replaces it. Raises ActNotPossible."""
    open_ones = (application.c.id == wanted.id) & application.c.stage.in_(("made", "received"))
    if conn.execute(update(application).where(open_ones).values(scan=scan, scan_type=kind)).rowcount != 1:
        raise ActNotPossible


def scan_of(conn: Connection, wanted: Application) -> bytes:
    """The signed paper. Raises NothingThere."""
    scan = conn.scalar(select(application.c.scan).where(application.c.id == wanted.id))
    if scan is None:
        raise NothingThere
    return bytes(scan)


def receive(conn: Connection, wanted: Application) -> None:
    """The operator has taken it up. Raises ActNotPossible."""
    _advance(conn, wanted, before=("made",), after="received")


def refuse(conn: Connection, wanted: Application, reason: str) -> None:
    """Refuse, with the reason that the applicant reads. Raises ActNotPossible."""
    _advance(conn, wanted, before=("made", "received"), after="refused", reason=reason)


def approve(conn: Connection, wanted: Application, person: bytes) -> bytes:
    """Make the person an administrator of the municipality for the period; the role's id.

    Raises ActNotPossible, also while the signed paper is missing.
    """
    if wanted.scan_type is None:
        raise ActNotPossible
    _advance(conn, wanted, before=("made", "received"), after="approved")
    fields = wanted.fields
    return officials.grant(
        conn,
        person,
        "administrator",
        oktmo=fields.oktmo,
        name=fields.full_name,
        starts_at=start_of(date.fromisoformat(fields.starts_on)),
        ends_at=end_of(date.fromisoformat(fields.ends_on)),
        application=wanted.id,
    )


def start_of(day: date) -> datetime:
    """Midnight in the region."""
    return datetime.combine(day, time(), ALTAI)


def end_of(day: date) -> datetime:
    """The midnight after the day."""
    return datetime.combine(date.fromordinal(day.toordinal() + 1), time(), ALTAI)


def purge(conn: Connection, ended_before: datetime) -> None:
    """Forget applications whose access, or whose wished period, ended before this time."""
    kept = select(official.c.application).where(official.c.application.is_not(None))
    for found in conn.execute(select(*_WITHOUT_SCAN).where(application.c.id.not_in(kept))).all():
        if end_of(date.fromisoformat(Application.of(found).fields.ends_on)) < ended_before:
            conn.execute(delete(application).where(application.c.id == found.id))


def _advance(
    conn: Connection, wanted: Application, *, before: tuple[Stage, ...], after: Stage, reason: str = ""
) -> None:
    here = (application.c.id == wanted.id) & application.c.stage.in_(before)
    changed = update(application).where(here).values(stage=after, reason=reason)
    if conn.execute(changed).rowcount != 1:
        raise ActNotPossible


def _one(conn: Connection, condition: Any) -> Application:
    row = conn.execute(select(*_WITHOUT_SCAN).where(condition)).one_or_none()
    if row is None:
        raise NothingThere
    return Application.of(row)
