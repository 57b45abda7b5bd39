"""The log of administrative acts: append-only, each row chained to the one before.

A row names the official by a random id. The name is looked up beside it and gone when the official is purged.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from issuer.admin.tables import admin_act, official
from shared.encoding import canonical_json, format_time

EMPTY_CHAIN: Final = bytes(32)
LABEL: Final = b"veche/admin-act/v1\n"

ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "operator-granted": ("назначен оператор", "operator granted"),
    "application-made": ("подана заявка", "application made"),
    "application-scanned": ("приложен скан заявки", "scan attached"),
    "application-received": ("заявка принята к рассмотрению", "application received"),
    "application-approved": ("заявка одобрена", "application approved"),
    "application-refused": ("в заявке отказано", "application refused"),
    "access-prolonged": ("доступ продлён", "access prolonged"),
    "access-ended": ("доступ прекращён", "access ended"),
    "signed-in": ("вход", "signed in"),
    "signed-out": ("выход", "signed out"),
    "draft-made": ("создан черновик", "draft made"),
    "draft-changed": ("изменён черновик", "draft changed"),
    "draft-deleted": ("удалён черновик", "draft deleted"),
    "draft-submitted": ("черновик отправлен на проверку", "draft submitted for review"),
    "draft-withdrawn": ("черновик отозван с проверки", "draft withdrawn from review"),
    "draft-returned": ("черновик возвращён на доработку", "draft returned"),
    "draft-approved": ("черновик проверен", "draft approved"),
    "publication-ordered": ("публикация начата", "publication ordered"),
    "poll-published": ("голосование опубликовано", "poll published"),
    "publication-refused": ("публикация не принята", "publication refused"),
    "poll-cancelled": ("голосование отменено", "poll cancelled"),
    "decision-published": ("опубликовано решение", "decision published"),
}
"""Every act, in Russian and English."""


class ChainBroken(Exception):
    """A row of the log was changed, dropped or put in. `number`: the first that does not fit."""

    def __init__(self, number: int) -> None:
        super().__init__(f"act {number} does not fit the chain")
        self.number = number


@dataclass(frozen=True, slots=True)
class Act:
    """One row; `name` is None for the command line, for applicants and after the purge."""

    number: int
    at: datetime
    official: bytes | None
    name: str | None
    act: str
    subject: str
    chain: bytes

    def members(self) -> dict[str, Any]:
        """What is exported."""
        return {
            "number": self.number,
            "at": format_time(self.at),
            "official": None if self.official is None else self.official.hex(),
            "act": self.act,
            "subject": self.subject,
            "chain": self.chain.hex(),
        }


def record(conn: Connection, act: str, subject: str, now: datetime, *, by: bytes | None) -> None:
    """Add an act, in the transaction of what it tells. `by`: id of the official."""
    if act not in ACTS:
        raise ValueError(act)
    newest = select(admin_act).order_by(admin_act.c.number.desc()).limit(1)
    last = conn.execute(newest).one_or_none()
    number, before = (1, EMPTY_CHAIN) if last is None else (last.number + 1, last.chain)
    row = {"number": number, "at": int(now.timestamp()), "official": by, "act": act, "subject": subject}
    conn.execute(insert(admin_act).values(**row, chain=_link(before, row)))


def count(conn: Connection) -> int:
    """How many acts there are."""
    return conn.scalar(select(func.count()).select_from(admin_act)) or 0


def newest(conn: Connection, *, before: int, limit: int) -> list[Act]:
    """Acts below the number `before`, the newest first."""
    query = _with_names().where(admin_act.c.number < before).order_by(admin_act.c.number.desc())
    return [_act(row) for row in conn.execute(query.limit(limit))]


def about(conn: Connection, subject: str) -> list[Act]:
    """All acts on one subject, the oldest first."""
    query = _with_names().where(admin_act.c.subject == subject).order_by(admin_act.c.number)
    return [_act(row) for row in conn.execute(query)]


def every(conn: Connection) -> Iterator[Act]:
    """All acts, the oldest first."""
    return (_act(row) for row in conn.execute(_with_names().order_by(admin_act.c.number)))


def check_chain(acts: Iterable[Act]) -> None:
    """Recompute the chain from the first act on. Raises ChainBroken."""
    before = EMPTY_CHAIN
    for expected, act in enumerate(acts, 1):
        row = {
            "number": act.number,
            "at": int(act.at.timestamp()),
            "official": act.official,
            "act": act.act,
            "subject": act.subject,
        }
        if act.number != expected or act.chain != _link(before, row):
            raise ChainBroken(expected)
        before = act.chain


def _link(before: bytes, row: Mapping[str, Any]) -> bytes:
    by = row["official"]
    text = canonical_json({**row, "official": None if by is None else by.hex()})
    return hashlib.sha256(LABEL + before + text).digest()


def _with_names() -> Any:
    return select(admin_act, official.c.name).outerjoin(official, official.c.id == admin_act.c.official)


def _act(row: Row[Any]) -> Act:
    at = datetime.fromtimestamp(row.at, UTC)
    return Act(row.number, at, row.official, row.name, row.act, row.subject, row.chain)
