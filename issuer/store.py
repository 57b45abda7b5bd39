"""What the issuer's database keeps of polls and issuances. The database decides what is unique."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    bindparam,
    delete,
    exists,
    func,
    select,
    true,
    update,
)

from issuer import tables
from issuer.keys import VoterPseudonym
from shared.db import execute_many, insert_new, insert_returning
from shared.manifest import Poll, parse_manifest
from shared.statements import Kind, Statement


@dataclass(frozen=True, slots=True)
class Issuance:
    """One issuance; `blind_signature` is None between its two commits."""

    pseudonym: VoterPseudonym
    nonce: bytes
    blinded_message: bytes
    blind_signature: bytes | None


# Statements of every sign-in and token: to put one together takes longer than to execute it.
_FIND_POLL: Final = select(tables.poll.c.manifest).where(tables.poll.c.poll_id == bindparam("id"))
_ASSEMBLED: Final = select(tables.publication.c.manifest).where(
    tables.publication.c.request == bindparam("request")
)
_REQUESTS: Final = select(tables.publication.c.request)
_EVERY: Final = true()
_ALL_POLLS: Final = select(tables.poll.c.manifest).order_by(tables.poll.c.poll_id)
_SOME_POLL: Final = select(tables.poll.c.poll_id).limit(1)
_ARCHIVED: Final = exists().where(tables.archived_poll.c.poll_id == tables.poll.c.poll_id)
_FINISHED: Final = _ARCHIVED.where(tables.archived_poll.c.finished)
_UNARCHIVED: Final = _ALL_POLLS.where(~_FINISHED)
_REMEMBERED: Final = _ALL_POLLS.where(~_ARCHIVED)
_CANCELLATION: Final = (tables.statement.c.poll_id == tables.poll.c.poll_id) & (
    tables.statement.c.kind == "cancellation"
)
_ISSUING: Final = _UNARCHIVED.where(~exists().where(_CANCELLATION))
_ENDED: Final = select(tables.poll.c.poll_id).where(
    ~_FINISHED, exists().where(_CANCELLATION, tables.statement.c.delivered)
)
_FIND_ISSUANCE: Final = select(tables.issuance).where(
    tables.issuance.c.poll_id == bindparam("id"), tables.issuance.c.pseudonym == bindparam("person")
)
_KEEP_SIGNATURE: Final = (
    update(tables.issuance)
    .where(
        tables.issuance.c.poll_id == bindparam("poll"),
        tables.issuance.c.pseudonym == bindparam("person"),
        tables.issuance.c.blind_signature.is_(None),
    )
    .values(blind_signature=bindparam("signature", type_=LargeBinary))
)
_ISSUED: Final = select(tables.poll.c.issued).where(tables.poll.c.poll_id == bindparam("id"))
_COUNT_ISSUED: Final = (
    update(tables.poll)
    .where(tables.poll.c.poll_id == bindparam("id"))
    .values(issued=tables.poll.c.issued + bindparam("new"))
    .returning(tables.poll.c.issued)
)
_FIND_STATEMENT: Final = select(tables.statement.c.statement).where(
    tables.statement.c.poll_id == bindparam("id"), tables.statement.c.kind == bindparam("kind")
)


def manifest_for(conn: Connection, request: bytes) -> Poll | None:
    """The manifest that was assembled for a draft, if it was."""
    manifest = conn.scalar(_ASSEMBLED, {"request": request})
    return None if manifest is None else _parsed(manifest)


def requests_of(conn: Connection, poll: Poll) -> list[bytes]:
    """The drafts that became this poll: one, where it was published here."""
    columns = tables.publication.c
    return list(conn.scalars(select(columns.request).where(columns.manifest == poll.manifest_bytes)))


def keep_manifest(conn: Connection, request: bytes, poll: Poll) -> None:
    """Keep what was assembled for a draft; what is there already stays."""
    row = {"request": request, "manifest": poll.manifest_bytes}
    conn.execute(insert_new(conn, tables.publication).values(row))


def add_poll(conn: Connection, poll: Poll, *, batch_slot: int) -> None:
    """Add a poll that the ballot box has; repeatable."""
    row = {"poll_id": poll.poll_id, "manifest": poll.manifest_bytes, "batch_slot": batch_slot}
    conn.execute(insert_new(conn, tables.poll).values(row))


def find_poll(conn: Connection, poll_id: bytes) -> Poll | None:
    """A published poll."""
    manifest = conn.scalar(_FIND_POLL, {"id": poll_id})
    return None if manifest is None else _parsed(manifest)


def check_there(conn: Connection) -> None:
    """The least question about polls. Raises SQLAlchemyError where the database does not answer it."""
    conn.execute(_SOME_POLL)


def all_polls(conn: Connection, which: ColumnElement[bool] = _EVERY) -> tuple[Poll, ...]:
    """Every poll ever published, by id: for commands that somebody gives by hand, not for what runs often.

    `which`: a condition on `tables.poll`.
    """
    return tuple(_parsed(manifest) for manifest in conn.scalars(_ALL_POLLS.where(which)))


def unarchived(conn: Connection, which: ColumnElement[bool] = _EVERY) -> tuple[Poll, ...]:
    """The polls that are not archived, by id: those with which something is left to be done.

    One whose archive is not finished is among them. `which`: a condition on `tables.poll`.
    """
    return tuple(_parsed(manifest) for manifest in conn.scalars(_UNARCHIVED.where(which)))


def archived(conn: Connection, which: ColumnElement[bool], *, first: int, limit: int) -> tuple[Poll, ...]:
    """So many archived polls from this place on: the last to end their issuance first."""
    columns = tables.poll.c
    query = select(columns.manifest).where(_FINISHED, which)
    page = query.order_by(columns.batch_slot.desc(), columns.poll_id).offset(first).limit(limit)
    return tuple(_parsed(manifest) for manifest in conn.scalars(page))


def remembered(conn: Connection) -> tuple[Poll, ...]:
    """The polls that remember persons, by id: their archive has not begun."""
    return tuple(_parsed(manifest) for manifest in conn.scalars(_REMEMBERED))


def issuing(conn: Connection) -> tuple[Poll, ...]:
    """The polls that are neither archived nor cancelled here, by id: some of them give tokens."""
    return tuple(_parsed(manifest) for manifest in conn.scalars(_ISSUING))


def unpublished(conn: Connection, published: set[bytes]) -> tuple[Poll, ...]:
    """Manifests that this issuer assembled or signed and that are no polls here yet.

    `published` holds the requests that became polls, as far as the caller knows, and learns of the others:
    a poll stays one, so its manifest is read once.
    """
    found = []
    for request in sorted(set(conn.scalars(_REQUESTS)) - published):
        manifest = conn.execute(_ASSEMBLED, {"request": request}).scalar_one()
        poll_id = hashlib.sha256(manifest).digest()
        if conn.scalar(_FIND_POLL, {"id": poll_id}) is None:
            found.append(_parsed(manifest))
        else:
            published.add(request)
    return tuple(found)


def cancelled(conn: Connection, polls: Collection[bytes]) -> frozenset[bytes]:
    """Which of these polls, given by id, were cancelled here."""
    columns = tables.statement.c
    said = (columns.kind == "cancellation") & columns.poll_id.in_(polls)
    return frozenset(conn.scalars(select(columns.poll_id).where(said)))


def ended_polls(conn: Connection) -> frozenset[bytes]:
    """Ids of the unarchived polls whose cancellation the box has: one that it refuses was not said."""
    return frozenset(conn.scalars(_ENDED))


def keep_statement(conn: Connection, statement: Statement) -> bool:
    """Keep a statement until it is delivered; False if another one of its kind is there."""
    row = {"poll_id": statement.poll_id, "kind": statement.kind, "statement": statement.encoded}
    if conn.execute(insert_new(conn, tables.statement).values(**row, delivered=False)).rowcount == 1:
        return True
    return find_statement(conn, statement.poll_id, statement.kind) == statement.encoded


def find_statement(conn: Connection, poll_id: bytes, kind: Kind) -> bytes | None:
    """What was said, with its signatures."""
    return conn.scalar(_FIND_STATEMENT, {"id": poll_id, "kind": kind})


def delivered(conn: Connection, statement: Statement) -> None:
    """The box has it."""
    here = _statement_key(statement.poll_id, statement.kind)
    conn.execute(update(tables.statement).where(here).values(delivered=True))


def forget_statement(conn: Connection, statement: Statement) -> None:
    """The box refused it: it was never said. What was delivered stays."""
    here = _statement_key(statement.poll_id, statement.kind)
    conn.execute(delete(tables.statement).where(here & ~tables.statement.c.delivered))


def undelivered(conn: Connection) -> list[tuple[Poll, Kind, bytes]]:
    """Statements that the box does not have yet, with their polls."""
    query = (
        select(tables.poll.c.manifest, tables.statement.c.kind, tables.statement.c.statement)
        .join(tables.poll, tables.poll.c.poll_id == tables.statement.c.poll_id)
        .where(~tables.statement.c.delivered)
    )
    return [(_parsed(row.manifest), row.kind, row.statement) for row in conn.execute(query)]


def batch_slot(conn: Connection, poll_id: bytes) -> int:
    """The period of the last batch of a poll."""
    columns = tables.poll.c
    return int(conn.execute(select(columns.batch_slot).where(columns.poll_id == poll_id)).scalar_one())


def enter_batch_slot(conn: Connection, poll_id: bytes, slot: int) -> bool:
    """Remember the period of the last batch; False if this one or a later one is there."""
    columns = tables.poll.c
    earlier = (columns.poll_id == poll_id) & (columns.batch_slot < slot)
    return conn.execute(update(tables.poll).where(earlier).values(batch_slot=slot)).rowcount == 1


def add_issuances(conn: Connection, poll_id: bytes, new: Sequence[Issuance]) -> set[VoterPseudonym]:
    """Insert issuances; the people who had none in this poll. One atomic statement."""
    rows = [
        {
            "poll_id": poll_id,
            "pseudonym": one.pseudonym,
            "nonce": one.nonce,
            "blinded_message": one.blinded_message,
            "blind_signature": None,
        }
        for one in new
    ]
    added = conn.scalars(insert_returning(conn, tables.issuance.c.pseudonym), rows)
    return {VoterPseudonym(pseudonym) for pseudonym in added}


def issued(conn: Connection, poll_id: bytes) -> int:
    """How many issuances a poll has, as it counts them along."""
    return int(conn.execute(_ISSUED, {"id": poll_id}).scalar_one())


def count_issued(conn: Connection, poll_id: bytes, new: int) -> int:
    """Count so many new issuances; how many there are with them."""
    return int(conn.execute(_COUNT_ISSUED, {"id": poll_id, "new": new}).scalar_one())


def find_issuance(conn: Connection, poll_id: bytes, pseudonym: VoterPseudonym) -> Issuance | None:
    """The issuance of a person in a poll."""
    row = conn.execute(_FIND_ISSUANCE, {"id": poll_id, "person": pseudonym}).one_or_none()
    return None if row is None else _issuance(row)


def find_issuances(
    conn: Connection, poll_id: bytes, pseudonyms: Collection[VoterPseudonym]
) -> dict[VoterPseudonym, Issuance]:
    """The issuances of these people in a poll, by pseudonym."""
    if not pseudonyms:
        return {}
    columns = tables.issuance.c
    query = select(tables.issuance).where(columns.poll_id == poll_id, columns.pseudonym.in_(pseudonyms))
    return {one.pseudonym: one for one in map(_issuance, conn.execute(query))}


def unsigned_issuances(conn: Connection, poll_id: bytes) -> list[Issuance]:
    """Issuances of a poll whose signature was never stored."""
    columns = tables.issuance.c
    query = select(tables.issuance).where(columns.poll_id == poll_id, columns.blind_signature.is_(None))
    return [_issuance(row) for row in conn.execute(query)]


def keep_signatures(conn: Connection, poll_id: bytes, signatures: Mapping[VoterPseudonym, bytes]) -> None:
    """Store the signatures of issuances that have none."""
    rows = [
        {"poll": poll_id, "person": pseudonym, "signature": signature}
        for pseudonym, signature in signatures.items()
    ]
    execute_many(conn, _KEEP_SIGNATURE, rows)


def count_issuances(conn: Connection, poll_id: bytes) -> int:
    """How many people have a token of this poll, also after it is archived."""
    archived = tables.archived_poll.c
    issued: int | None = conn.scalar(select(archived.issued).where(archived.poll_id == poll_id))
    if issued is not None:
        return issued
    query = select(func.count()).select_from(tables.issuance).where(tables.issuance.c.poll_id == poll_id)
    return conn.scalar(query) or 0


def archive(conn: Connection, poll_id: bytes) -> None:
    """Keep the number of a poll's issuances and forget the issuances; repeatable."""
    row = {"poll_id": poll_id, "issued": count_issuances(conn, poll_id), "finished": False}
    conn.execute(insert_new(conn, tables.archived_poll).values(row))
    conn.execute(delete(tables.issuance).where(tables.issuance.c.poll_id == poll_id))


def finish_archive(conn: Connection, poll_id: bytes) -> None:
    """Remember that nothing of a poll's issuances is left in the files of the database."""
    columns = tables.archived_poll.c
    conn.execute(update(tables.archived_poll).where(columns.poll_id == poll_id).values(finished=True))


def is_forgotten(conn: Connection, poll_id: bytes) -> bool:
    """Whether the persons of a poll are forgotten, its archive being finished or not."""
    columns = tables.archived_poll.c
    return conn.scalar(select(columns.poll_id).where(columns.poll_id == poll_id)) is not None


def is_archived(conn: Connection, poll_id: bytes) -> bool:
    """Whether the archiving of a poll is finished."""
    columns = tables.archived_poll.c
    query = select(columns.finished).where(columns.poll_id == poll_id)
    return bool(conn.scalar(query))


def _statement_key(poll_id: bytes, kind: Kind) -> ColumnElement[bool]:
    return (tables.statement.c.poll_id == poll_id) & (tables.statement.c.kind == kind)


def _issuance(row: Row[Any]) -> Issuance:
    return Issuance(VoterPseudonym(row.pseudonym), row.nonce, row.blinded_message, row.blind_signature)


@lru_cache(maxsize=4096)  # more than a region's polls of a year; 12 KB each
def _parsed(manifest: bytes) -> Poll:
    return parse_manifest(manifest)
