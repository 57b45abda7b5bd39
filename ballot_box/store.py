"""What the ballot box's database keeps of polls and ballot keys. The database decides what is unique."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from ballot_box import tables
from shared import labels
from shared.ballot import decode_ballot
from shared.db import execute_many, insert_new, insert_returning
from shared.log.reader import entries
from shared.manifest import Manifest, Poll, parse_manifest
from shared.poll_keys import PollKeys
from shared.sealing import Opening
from shared.statements import Kind, Statement

Published = Kind | Literal["opening"]
"""What may be published of a poll after its manifest, one of a kind."""


_WRITE_ANEW: Final = (
    update(tables.ballot_key)
    .where(
        tables.ballot_key.c.poll_id == bindparam("poll"),
        tables.ballot_key.c.ballot_key == bindparam("key"),
        tables.ballot_key.c.revision == bindparam("number"),
    )
    .values(leaf_hash=tables.ballot_key.c.leaf_hash)
)


_AT_ONCE: Final = 500
_CANCELLED: Final = select(tables.statement.c.poll_id).where(tables.statement.c.kind == "cancellation")
_ACCEPTED: Final = select(tables.accepted.c.ballots).where(tables.accepted.c.poll_id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class StoredPoll:
    """A published poll: its keys (with the manifest), log, signatures.json, and its result once counted."""

    keys: PollKeys
    log_id: str
    signatures: bytes
    result: bytes | None
    result_signature: bytes | None

    @property
    def poll_id(self) -> bytes:
        """SHA-256 of the manifest, 32 bytes."""
        return self.keys.poll.poll_id

    @property
    def manifest(self) -> Manifest:
        """The manifest, parsed."""
        return self.keys.poll.manifest


@dataclass(frozen=True, slots=True)
class NewBallot:
    """A verified ballot: its key and revision, its bytes as they came, their leaf hash."""

    poll_id: bytes
    ballot_key: bytes
    revision: int
    data: bytes
    leaf: bytes


def give_log(conn: Connection, issuer: str, request: bytes, log_id: str) -> str:
    """Remember a log for an issuer's request; the log id that stands, this or an earlier one."""
    row = {"issuer": issuer, "request": request, "log_id": log_id}
    conn.execute(insert_new(conn, tables.given_log).values(row))
    columns = tables.given_log.c
    query = select(columns.log_id).where(columns.issuer == issuer, columns.request == request)
    return str(conn.execute(query).scalar_one())


def log_owner(conn: Connection, log_id: str) -> str | None:
    """The URL of the issuer that a log was given to."""
    columns = tables.given_log.c
    return conn.scalar(select(columns.issuer).where(columns.log_id == log_id))


def add_poll(conn: Connection, poll: Poll, log_id: str, signatures: bytes) -> bool:
    """Insert a poll; False if it, or another in the same log, is there."""
    row = {
        "poll_id": poll.poll_id,
        "log_id": log_id,
        "manifest": poll.manifest_bytes,
        "signatures": signatures,
    }
    return conn.execute(insert_new(conn, tables.poll).values(row)).rowcount == 1


def find_poll(conn: Connection, poll_id: bytes) -> StoredPoll | None:
    """A published poll."""
    row = conn.execute(select(tables.poll).where(tables.poll.c.poll_id == poll_id)).one_or_none()
    return None if row is None else _stored(row)


def poll_ids(conn: Connection) -> tuple[bytes, ...]:
    """The ids of all published polls, ascending; no manifest is parsed for it."""
    return tuple(conn.scalars(select(tables.poll.c.poll_id).order_by(tables.poll.c.poll_id)))


def manifests(conn: Connection, poll_ids: Sequence[bytes]) -> Iterator[tuple[bytes, Manifest]]:
    """The manifests of these polls, by id."""
    columns = tables.poll.c
    for at in range(0, len(poll_ids), _AT_ONCE):
        some = columns.poll_id.in_(poll_ids[at : at + _AT_ONCE])
        query = select(columns.poll_id, columns.manifest).where(some)
        yield from ((row.poll_id, parse_manifest(row.manifest).manifest) for row in conn.execute(query))


def cancelled_polls(conn: Connection) -> frozenset[bytes]:
    """The ids of the polls that were cancelled."""
    return frozenset(conn.scalars(_CANCELLED))


def all_polls(conn: Connection) -> tuple[StoredPoll, ...]:
    """Every published poll, by id."""
    return tuple(_stored(row) for row in conn.execute(select(tables.poll).order_by(tables.poll.c.poll_id)))


def unfinished_polls(conn: Connection) -> tuple[StoredPoll, ...]:
    """The polls without a result that are not cancelled, by id."""
    columns = tables.poll.c
    unfinished = columns.result.is_(None) & columns.poll_id.not_in(_CANCELLED)
    query = select(tables.poll).where(unfinished).order_by(columns.poll_id)
    return tuple(_stored(row) for row in conn.execute(query))


def unswept_polls(conn: Connection) -> tuple[bytes, ...]:
    """The ids of the polls that take no ballot any more, after whose end the files were not swept yet."""
    columns, head = tables.poll.c, tables.log.head.c
    ended = select(head.log_id).where(head.closed)
    swept = select(tables.swept_poll.c.poll_id)
    query = select(columns.poll_id).where(columns.log_id.in_(ended), columns.poll_id.not_in(swept))
    return tuple(conn.scalars(query.order_by(columns.poll_id)))


def keep_swept(conn: Connection, poll_ids: Iterable[bytes]) -> None:
    """Remember that the files were swept after the end of these polls."""
    rows = [{"poll_id": poll_id} for poll_id in poll_ids]
    conn.execute(insert_new(conn, tables.swept_poll), rows)


def keep_result(conn: Connection, poll_id: bytes, result: bytes, signature: bytes) -> None:
    """Store the result of a poll that has none."""
    columns = tables.poll.c
    missing = (columns.poll_id == poll_id) & columns.result.is_(None)
    conn.execute(update(tables.poll).where(missing).values(result=result, result_signature=signature))


def add_statement(conn: Connection, statement: Statement) -> bool:
    """Keep a statement; False if the poll has one of this kind. One atomic statement."""
    return _keep(conn, statement.poll_id, statement.kind, statement.encoded)


def add_opening(conn: Connection, opening: Opening) -> bool:
    """Keep an opening; False if the poll has one. One atomic statement."""
    return _keep(conn, opening.poll_id, "opening", opening.encoded)


def _keep(conn: Connection, poll_id: bytes, kind: Published, published: bytes) -> bool:
    row = {"poll_id": poll_id, "kind": kind, "statement": published}
    return conn.execute(insert_new(conn, tables.statement).values(row)).rowcount == 1


def find_statement(conn: Connection, poll_id: bytes, kind: Published) -> bytes | None:
    """The statement of a kind on a poll, as it is published."""
    columns = tables.statement.c
    query = select(columns.statement).where(columns.poll_id == poll_id, columns.kind == kind)
    return conn.scalar(query)


def bind_ballot_keys(conn: Connection, ballots: Sequence[NewBallot]) -> set[bytes]:
    """Bind ballot keys and revisions to leaf hashes; the leaves whose key was free. One atomic statement."""
    rows = [
        {
            "poll_id": one.poll_id,
            "ballot_key": one.ballot_key,
            "revision": one.revision,
            "leaf_hash": one.leaf,
        }
        for one in ballots
    ]
    return set(conn.scalars(insert_returning(conn, tables.ballot_key.c.leaf_hash), rows))


def accepted(conn: Connection, poll_id: bytes) -> int:
    """How many ballots of a poll were accepted, as it counts them along."""
    return conn.scalar(_ACCEPTED, {"id": poll_id}) or 0


def count_accepted(conn: Connection, poll_id: bytes, new: int) -> int:
    """Count so many new ballots; how many there are with them."""
    row = {"poll_id": poll_id, "ballots": new}
    return int(conn.execute(_count_accepted(conn.dialect.name), row).scalar_one())


@cache
def _count_accepted(dialect: str) -> ReturningInsert[tuple[Any]]:
    table: Table = tables.accepted
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    more = {"ballots": table.c.ballots + statement.excluded.ballots}
    return statement.on_conflict_do_update(index_elements=["poll_id"], set_=more).returning(table.c.ballots)


def reorder_ballot_keys(conn: Connection, poll: StoredPoll, first: int, end: int) -> None:
    """PostgreSQL: write the rows of the leaves with these indices anew, in the order of the log.

    Its tables keep rows in the order of writing, and who wrote each: after this both are the batch's.
    SQLite keeps these rows by their keys alone.
    """
    if conn.dialect.name != "postgresql":
        return
    leaves = entries(conn, tables.log, poll.log_id, first, end)
    ballots = [decode_ballot(leaf) for leaf in leaves if leaf.startswith(labels.BALLOT)]
    rows = [{"poll": poll.poll_id, "key": ballot.ballot_key, "number": ballot.revision} for ballot in ballots]
    if rows:
        execute_many(conn, _WRITE_ANEW, rows)


def leaves_of(
    conn: Connection, poll_id: bytes, ballot_keys: Iterable[bytes]
) -> dict[tuple[bytes, int], bytes]:
    """The leaf hashes that these ballot keys are bound to, by key and revision."""
    columns = tables.ballot_key.c
    query = select(columns.ballot_key, columns.revision, columns.leaf_hash).where(
        columns.poll_id == poll_id, columns.ballot_key.in_(ballot_keys)
    )
    return {(row.ballot_key, row.revision): row.leaf_hash for row in conn.execute(query)}


def _stored(row: Row[Any]) -> StoredPoll:
    return StoredPoll(_parsed(row.manifest), row.log_id, row.signatures, row.result, row.result_signature)


@lru_cache(maxsize=1024)
def _parsed(manifest: bytes) -> PollKeys:
    return PollKeys.of(parse_manifest(manifest))
