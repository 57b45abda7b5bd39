"""Who may act: administrators of one municipality and operators of the region, each for a period."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from issuer.admin.refusals import OfficialNotAllowed
from issuer.admin.tables import official
from shared.territory import REGION

Role = Literal["administrator", "operator"]
ID_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class Official:
    """A role that is held from `starts_at` until before `ends_at`."""

    id: bytes
    person: bytes
    """Keyed hash of the SNILS: the same in every role and period of one person."""
    role: Role
    oktmo: str
    """Of the municipality; of the region for an operator."""
    name: str
    starts_at: datetime
    ends_at: datetime

    @property
    def is_operator(self) -> bool:
        """Whether all municipalities are theirs."""
        return self.role == "operator"

    def check_operator(self) -> None:
        """Raises OfficialNotAllowed."""
        if not self.is_operator:
            raise OfficialNotAllowed

    def check_owns(self, oktmo: str) -> None:
        """Whether a municipality's polls are this official's. Raises OfficialNotAllowed."""
        if not self.is_operator and self.oktmo != oktmo:
            raise OfficialNotAllowed


def grant(
    conn: Connection,
    person: bytes,
    role: Role,
    *,
    oktmo: str = REGION,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    application: bytes | None = None,
) -> bytes:
    """Give a person a role for a period; its id."""
    official_id = secrets.token_bytes(ID_SIZE)
    row = {
        "id": official_id,
        "person": person,
        "role": role,
        "oktmo": oktmo,
        "name": name,
        "starts_at": int(starts_at.timestamp()),
        "ends_at": int(ends_at.timestamp()),
        "application": application,
    }
    conn.execute(insert(official).values(row))
    return official_id


def acting(conn: Connection, person: bytes, now: datetime) -> Official | None:
    """The role a person holds now: as operator before administrator, the one that lasts longest."""
    seconds = int(now.timestamp())
    held = (official.c.person == person) & (official.c.starts_at <= seconds) & (official.c.ends_at > seconds)
    query = select(official).where(held).order_by(official.c.role.desc(), official.c.ends_at.desc())
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else _official(row)


def everyone(conn: Connection) -> list[Official]:
    """All officials that are kept, by municipality and name."""
    order = (official.c.role.desc(), official.c.oktmo, official.c.name, official.c.id)
    return [_official(row) for row in conn.execute(select(official).order_by(*order))]


def of_application(conn: Connection, application: bytes) -> Official | None:
    """Who was given access on an application."""
    row = conn.execute(select(official).where(official.c.application == application)).one_or_none()
    return None if row is None else _official(row)


def set_end(conn: Connection, official_id: bytes, ends_at: datetime) -> bool:
    """Prolong or end a role; False if it is not there."""
    changed = update(official).where(official.c.id == official_id)
    return conn.execute(changed.values(ends_at=int(ends_at.timestamp()))).rowcount == 1


def purge(conn: Connection, ended_before: datetime) -> None:
    """Forget the officials whose period ended before this time."""
    conn.execute(delete(official).where(official.c.ends_at < int(ended_before.timestamp())))


def _official(row: Row[Any]) -> Official:
    return Official(
        row.id, row.person, row.role, row.oktmo, row.name, _time(row.starts_at), _time(row.ends_at)
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
