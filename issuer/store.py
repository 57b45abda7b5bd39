"""What the issuer's database keeps of polls and issuances. The database decides what is unique."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update
from sqlalchemy.dialects.sqlite import insert

from issuer import tables
from issuer.keys import VoterPseudonym
from shared.manifest import Poll, parse_manifest


@dataclass(frozen=True, slots=True)
class StoredPoll:
    """A published poll. `closed`: its issuance log has its closing leaf."""

    poll: Poll
    closed: bool
    batch_slot: int


@dataclass(frozen=True, slots=True)
class Issuance:
    """One issuance; `blind_signature` is None between its two commits."""

    pseudonym: VoterPseudonym
    nonce: bytes
    blinded_message: bytes
    blind_signature: bytes | None


def manifest_for(conn: Connection, request: bytes) -> Poll | None:
    """The manifest that was assembled for a draft, if it was."""
    query = select(tables.publication.c.manifest).where(tables.publication.c.request == request)
    manifest = conn.scalar(query)
    return None if manifest is None else _parsed(manifest)


def keep_manifest(conn: Connection, request: bytes, poll: Poll) -> None:
    """Keep what was assembled for a draft; what is there already stays."""
    row = {"request": request, "manifest": poll.manifest_bytes}
    conn.execute(insert(tables.publication).values(row).on_conflict_do_nothing())


def add_poll(conn: Connection, poll: Poll, *, batch_slot: int) -> None:
    """Add a poll that the ballot box has; repeatable."""
    row = {
        "poll_id": poll.poll_id,
        "manifest": poll.manifest_bytes,
        "closed": False,
        "batch_slot": batch_slot,
    }
    conn.execute(insert(tables.poll).values(row).on_conflict_do_nothing())


def find_poll(conn: Connection, poll_id: bytes) -> StoredPoll | None:
    """A published poll."""
    query = select(tables.poll).where(tables.poll.c.poll_id == poll_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else StoredPoll(_parsed(row.manifest), row.closed, row.batch_slot)


def all_polls(conn: Connection) -> Sequence[StoredPoll]:
    """Every published poll, by id."""
    rows = conn.execute(select(tables.poll).order_by(tables.poll.c.poll_id))
    return [StoredPoll(_parsed(row.manifest), row.closed, row.batch_slot) for row in rows]


def close_poll(conn: Connection, poll_id: bytes) -> bool:
    """Mark a poll closed; whether it was open before."""
    open_row = (tables.poll.c.poll_id == poll_id) & ~tables.poll.c.closed
    return conn.execute(update(tables.poll).where(open_row).values(closed=True)).rowcount == 1


def set_batch_slot(conn: Connection, poll_id: bytes, slot: int) -> None:
    """Remember the period of the last batch."""
    conn.execute(update(tables.poll).where(tables.poll.c.poll_id == poll_id).values(batch_slot=slot))


def add_issuance(conn: Connection, poll_id: bytes, new: Issuance) -> bool:
    """Insert an issuance; False if this person has one in this poll. One atomic statement."""
    row = {
        "poll_id": poll_id,
        "pseudonym": new.pseudonym,
        "nonce": new.nonce,
        "blinded_message": new.blinded_message,
        "blind_signature": None,
    }
    return conn.execute(insert(tables.issuance).values(row).on_conflict_do_nothing()).rowcount == 1


def find_issuance(conn: Connection, poll_id: bytes, pseudonym: VoterPseudonym) -> Issuance | None:
    """The issuance of a person in a poll."""
    query = select(tables.issuance).where(_issuance_key(poll_id, pseudonym))
    row = conn.execute(query).one_or_none()
    return None if row is None else _issuance(row)


def unsigned_issuances(conn: Connection, poll_id: bytes) -> list[Issuance]:
    """Issuances of a poll whose signature was never stored."""
    columns = tables.issuance.c
    query = select(tables.issuance).where(columns.poll_id == poll_id, columns.blind_signature.is_(None))
    return [_issuance(row) for row in conn.execute(query)]


def keep_signature(
    conn: Connection, poll_id: bytes, pseudonym: VoterPseudonym, blind_signature: bytes
) -> None:
    """Store the signature of an issuance that has none."""
    missing = _issuance_key(poll_id, pseudonym) & tables.issuance.c.blind_signature.is_(None)
    conn.execute(update(tables.issuance).where(missing).values(blind_signature=blind_signature))


def count_issuances(conn: Connection, poll_id: bytes) -> int:
    """How many people have a token of this poll."""
    query = select(func.count()).select_from(tables.issuance).where(tables.issuance.c.poll_id == poll_id)
    return conn.scalar(query) or 0


def _issuance_key(poll_id: bytes, pseudonym: VoterPseudonym) -> ColumnElement[bool]:
    return (tables.issuance.c.poll_id == poll_id) & (tables.issuance.c.pseudonym == pseudonym)


def _issuance(row: Row[Any]) -> Issuance:
    return Issuance(VoterPseudonym(row.pseudonym), row.nonce, row.blinded_message, row.blind_signature)


@lru_cache(maxsize=256)
def _parsed(manifest: bytes) -> Poll:
    return parse_manifest(manifest)
