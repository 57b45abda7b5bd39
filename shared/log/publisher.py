"""Publication: after the commit, sign the head and store the checkpoint. Repeatable after any crash."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, Engine, select

from crypto.merkle import prove_consistency
from crypto.tiles import subtree_reader
from shared.db import insert_new, read, write
from shared.log.sequencer import checked_frontier, head_of, tile_reader
from shared.log.signer import CheckpointSigner, ProveConsistency
from shared.log.tables import LogTables

Cosign = Callable[[str, int, int, bytes, ProveConsistency], bytes | None]
"""(origin, size published before, size, note, prove) -> the note with cosignatures, or None while it must
wait for them."""


def without_witnesses(_origin: str, _before: int, _size: int, note: bytes, _prove: ProveConsistency) -> bytes:
    """The note as the log signed it."""
    return note


def publish(
    engine: Engine,
    tables: LogTables,
    log_id: str,
    signer: CheckpointSigner,
    cosign: Cosign = without_witnesses,
) -> bytes | None:
    """Sign the committed head, have it cosigned, store the note; None while it waits for witnesses.

    One process at a time. A stored checkpoint never changes. Raises LogUnknown, LogDamaged, and LogRolledBack
    when the head does not extend what was signed or published before.
    """
    with read(engine) as connection:
        head = head_of(connection, tables, log_id)
        read_tile = tile_reader(connection, tables, log_id)
        checked_frontier(head, read_tile)
        prove = partial(prove_consistency, subtree=subtree_reader(head.size, read_tile))
        published = published_note(connection, tables, log_id)
        signed = signer.sign(head.size, head.root, prove, published=published)
        before = published_size(connection, tables, log_id)
        if published is not None and before == head.size:
            return published
        note = cosign(signer.origin, before, head.size, signed, prove)
    if note is None:
        return None
    with write(engine) as connection:
        row = {"log_id": log_id, "size": head.size, "note": note}
        connection.execute(insert_new(connection, tables.checkpoint).values(row))
    return note


def published_size(connection: Connection, tables: LogTables, log_id: str) -> int:
    """The size of the newest checkpoint, 0 when there is none."""
    column = tables.checkpoint.c
    query = select(column.size).where(column.log_id == log_id).order_by(column.size.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() or 0


def published_note(connection: Connection, tables: LogTables, log_id: str) -> bytes | None:
    """The newest checkpoint note, or None when nothing is published."""
    column = tables.checkpoint.c
    query = select(column.note).where(column.log_id == log_id).order_by(column.size.desc()).limit(1)
    note = connection.execute(query).scalar_one_or_none()
    return None if note is None else bytes(note)
