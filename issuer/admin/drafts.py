"""Drafts of polls: who may do what at which stage. The database decides which of two people was first.

draft -> review -> approved -> publishing -> published
  ^---------+---------+   (returned, withdrawn, or the publication was refused)
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from sqlalchemy import Connection, Row, delete, insert, select, update

from issuer.admin import acts
from issuer.admin.officials import Official
from issuer.admin.refusals import ActNotPossible, ChangedMeanwhile, NothingThere, OwnWork
from issuer.admin.tables import poll_draft

Stage = Literal["draft", "review", "approved", "publishing", "published"]


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A draft as it is kept. `content` holds what was typed, right or wrong."""

    id: str
    oktmo: str
    stage: Stage
    version: int
    content: Mapping[str, Any]
    editor: bytes
    note: str
    poll_id: bytes | None
    changed_at: datetime

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From a row of the table."""
        content, changed_at = json.loads(row.content), datetime.fromtimestamp(row.changed_at, UTC)
        return cls(
            row.id, row.oktmo, row.stage, row.version, content, row.editor, row.note, row.poll_id, changed_at
        )

    @property
    def title(self) -> str:
        """What people call it by; empty while nothing was typed."""
        return str(self.content.get("title_ru") or "")


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(16)


def make(
    conn: Connection, official: Official, draft_id: str, oktmo: str, content: Mapping[str, Any], now: datetime
) -> None:
    """A new draft; the same id again changes nothing. Raises OfficialNotAllowed."""
    official.check_owns(oktmo)
    if conn.scalar(select(poll_draft.c.id).where(poll_draft.c.id == draft_id)) is not None:
        return
    row = {
        "id": draft_id,
        "oktmo": oktmo,
        "stage": "draft",
        "version": 1,
        "content": _text(content),
        "editor": official.person,
        "note": "",
        "poll_id": None,
        "changed_at": int(now.timestamp()),
    }
    conn.execute(insert(poll_draft).values(row))
    acts.record(conn, "draft-made", draft_id, now, by=official.id)


def find(conn: Connection, official: Official, draft_id: str) -> PollDraft:
    """One of the official's drafts. Raises NothingThere, OfficialNotAllowed."""
    row = conn.execute(select(poll_draft).where(poll_draft.c.id == draft_id)).one_or_none()
    if row is None:
        raise NothingThere
    official.check_owns(row.oktmo)
    return PollDraft.of(row)


def of_poll(conn: Connection, poll_id: bytes) -> PollDraft | None:
    """The draft that became this poll, if it was made here."""
    row = conn.execute(select(poll_draft).where(poll_draft.c.poll_id == poll_id)).one_or_none()
    return None if row is None else PollDraft.of(row)


def listed(conn: Connection, official: Official, first: int, limit: int) -> list[PollDraft]:
    """So many of the official's drafts from this place on, the last changed first; an operator's are all.

    Those that became polls are not among them.
    """
    order = (poll_draft.c.changed_at.desc(), poll_draft.c.id)
    query = select(poll_draft).where(poll_draft.c.stage != "published").order_by(*order)
    if not official.is_operator:
        query = query.where(poll_draft.c.oktmo == official.oktmo)
    return [PollDraft.of(row) for row in conn.execute(query.offset(first).limit(limit))]


def in_publication(conn: Connection) -> list[PollDraft]:
    """What was ordered and is not delivered yet."""
    query = select(poll_draft).where(poll_draft.c.stage == "publishing").order_by(poll_draft.c.id)
    return [PollDraft.of(row) for row in conn.execute(query)]


def save(
    conn: Connection,
    official: Official,
    draft: PollDraft,
    content: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> None:
    """Keep what was typed over the version that the official saw.

    Raises ChangedMeanwhile, ActNotPossible (it is not a draft any more).
    """
    if draft.stage != "draft":
        raise ActNotPossible
    if draft.version != version:
        raise ChangedMeanwhile
    if _text(content) == _text(draft.content):
        return
    _change(conn, draft, now, stage="draft", content=_text(content), editor=official.person, note="")
    acts.record(conn, "draft-changed", draft.id, now, by=official.id)


def delete_draft(conn: Connection, official: Official, draft: PollDraft, now: datetime) -> None:
    """Throw a draft away. Raises ActNotPossible."""
    here = (poll_draft.c.id == draft.id) & (poll_draft.c.stage == "draft")
    if conn.execute(delete(poll_draft).where(here)).rowcount != 1:
        raise ActNotPossible
    acts.record(conn, "draft-deleted", draft.id, now, by=official.id)


def submit(conn: Connection, official: Official, draft: PollDraft, now: datetime) -> None:
    """Ask for a review. Raises ActNotPossible."""
    _advance(conn, official, draft, now, before=("draft",), after="review", act="draft-submitted")


def withdraw(conn: Connection, official: Official, draft: PollDraft, now: datetime) -> None:
    """Take it back to go on editing. Raises ActNotPossible."""
    _advance(conn, official, draft, now, before=("review", "approved"), after="draft", act="draft-withdrawn")


def return_for_changes(
    conn: Connection, official: Official, draft: PollDraft, reason: str, now: datetime
) -> None:
    """The reviewer wants changes. Raises OwnWork, ActNotPossible."""
    _check_other(official, draft)
    before: tuple[Stage, ...] = ("review", "approved")
    _advance(conn, official, draft, now, before=before, after="draft", act="draft-returned", note=reason)


def approve(conn: Connection, official: Official, draft: PollDraft, now: datetime) -> None:
    """The second pair of eyes. Raises OwnWork, ActNotPossible."""
    _check_other(official, draft)
    _advance(conn, official, draft, now, before=("review",), after="approved", act="draft-approved")


def order_publication(conn: Connection, official: Official, draft: PollDraft, now: datetime) -> None:
    """From here on the draft is published, by this request or by the worker. Raises ActNotPossible."""
    _advance(conn, official, draft, now, before=("approved",), after="publishing", act="publication-ordered")


def published(conn: Connection, draft: PollDraft, poll_id: bytes, now: datetime) -> None:
    """The poll is out; repeatable."""
    waiting = (poll_draft.c.id == draft.id) & (poll_draft.c.stage == "publishing")
    values = {"stage": "published", "poll_id": poll_id, "note": "", "changed_at": int(now.timestamp())}
    if conn.execute(update(poll_draft).where(waiting).values(values)).rowcount == 1:
        acts.record(conn, "poll-published", poll_id.hex(), now, by=None)


def publication_refused(conn: Connection, draft: PollDraft, note: str, now: datetime) -> None:
    """The poll cannot be published as it is: back to the draft, with the reason."""
    waiting = (poll_draft.c.id == draft.id) & (poll_draft.c.stage == "publishing")
    values = {
        "stage": "draft",
        "note": note,
        "version": draft.version + 1,
        "changed_at": int(now.timestamp()),
    }
    if conn.execute(update(poll_draft).where(waiting).values(values)).rowcount == 1:
        acts.record(conn, "publication-refused", draft.id, now, by=None)


def _check_other(official: Official, draft: PollDraft) -> None:
    if official.person == draft.editor:
        raise OwnWork


def _advance(
    conn: Connection,
    official: Official,
    draft: PollDraft,
    now: datetime,
    *,
    before: tuple[Stage, ...],
    after: Stage,
    act: str,
    note: str = "",
) -> None:
    if draft.stage not in before:
        raise ActNotPossible
    _change(conn, draft, now, stage=after, note=note)
    acts.record(conn, act, draft.id, now, by=official.id)


def _change(conn: Connection, draft: PollDraft, now: datetime, **values: Any) -> None:
    here = (poll_draft.c.id == draft.id) & (poll_draft.c.version == draft.version)
    changed = update(poll_draft).where(here & (poll_draft.c.stage == draft.stage))
    values |= {"version": draft.version + 1, "changed_at": int(now.timestamp())}
    if conn.execute(changed.values(values)).rowcount != 1:
        raise ChangedMeanwhile


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
