"""Appending and sequencing, inside the caller's writing transaction."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from crypto import merkle, tiles
from crypto.tiles import MAX_ENTRY_SIZE, Tile
from shared.db import execute_many, insert_new
from shared.log.tables import LogTables

Shuffle = Callable[[list[bytes]], None]
"""Put leaf hashes in a random order, in place. In a service: `by_lot`."""


def by_lot(leaves: list[bytes]) -> None:
    """Shuffle by the operating system's random generator: sorted by 16 fresh random bytes each."""
    draws = secrets.token_bytes(16 * len(leaves))
    order = sorted(range(len(leaves)), key=lambda at: draws[16 * at : 16 * at + 16])
    leaves[:] = [leaves[at] for at in order]


class LogUnknown(Exception):
    """There is no log of this id."""


class LogClosed(Exception):
    """The log has its closing record; nothing comes after it."""


class LogDamaged(Exception):
    """Entries, tiles and head contradict each other: the log must not be extended or signed."""


class EntryTooLong(Exception):
    """An entry of more than 65,535 bytes."""


@dataclass(frozen=True, slots=True)
class Head:
    """The committed state of a log: leaves, 32-byte root, whether it is closed."""

    size: int
    root: bytes
    closed: bool


def create_log(connection: Connection, tables: LogTables, log_id: str) -> None:
    """Create an empty log; nothing happens if it is there."""
    row = {"log_id": log_id, "size": 0, "root": merkle.EMPTY_ROOT, "closed": False}
    connection.execute(insert_new(connection, tables.head).values(row))


def append(connection: Connection, tables: LogTables, log_id: str, entry: bytes) -> bytes:
    """Leave an entry waiting for its index; its leaf hash. One that waits already stays as it is.

    Whether an entry may come a second time after that is for the caller to decide, by a key of its own.

    Raises LogUnknown, LogClosed, EntryTooLong.
    """
    append_all(connection, tables, log_id, [entry])
    return merkle.leaf_hash(entry)


def append_all(connection: Connection, tables: LogTables, log_id: str, entries: Sequence[bytes]) -> None:
    """`append` for several entries: all of them, or an exception."""
    longest = max(map(len, entries), default=0)
    if longest > MAX_ENTRY_SIZE:
        raise EntryTooLong(f"{longest} bytes")
    if head_of(connection, tables, log_id).closed:
        raise LogClosed(log_id)
    leaves = sorted((merkle.leaf_hash(entry), entry) for entry in entries)
    rows = [{"log_id": log_id, "leaf_hash": leaf, "entry": entry} for leaf, entry in leaves]
    if rows:  # of ballots whose keys were taken meanwhile, none is left
        execute_many(connection, insert_new(connection, tables.waiting), rows)


def waiting(connection: Connection, tables: LogTables, log_id: str) -> int:
    """How many entries wait for an index."""
    query = select(func.count()).where(tables.waiting.c.log_id == log_id)
    return connection.execute(query).scalar_one()


def head_of(connection: Connection, tables: LogTables, log_id: str) -> Head:
    """The head of a log. Raises LogUnknown."""
    row = connection.execute(_find_head(tables.head), {"id": log_id}).one_or_none()
    if row is None:
        raise LogUnknown(log_id)
    return Head(row.size, row.root, row.closed)


@cache
def _find_head(table: Table) -> Select[tuple[int, bytes, bool]]:
    head = table.c
    return select(head.size, head.root, head.closed).where(head.log_id == bindparam("id"))


def sequence(
    connection: Connection,
    tables: LogTables,
    log_id: str,
    shuffle: Shuffle,
    *,
    closing: Callable[[int], bytes] | None = None,
) -> Head:
    """Give every waiting entry its index, in shuffled order; write tiles and head.

    `closing` makes the closing record, given the number of leaves before it; it becomes the last leaf
    and the log is closed. Raises LogUnknown, LogClosed, LogDamaged; then the transaction must not commit.
    """
    old = head_of(connection, tables, log_id)
    if old.closed:
        raise LogClosed(log_id)
    leaves = _waiting_leaves(connection, tables, log_id)
    shuffle(leaves)
    if closing is not None:
        leaves.append(append(connection, tables, log_id, closing(old.size + len(leaves))))
    if not leaves:
        return old
    _place(connection, tables, log_id, old.size, leaves)
    return _extend(connection, tables, log_id, old, leaves, closed=closing is not None)


def tile_reader(connection: Connection, tables: LogTables, log_id: str) -> tiles.ReadTile:
    """Read hash tiles from the database, each once. Raises LogDamaged on one that lacks."""

    @cache
    def stored(level: int | None, index: int) -> bytes:
        column = tables.tile.c
        query = select(column.data).where(column.log_id == log_id, column.level == level, column.n == index)
        return bytes(connection.execute(query).scalar_one_or_none() or b"")

    def read(tile: Tile) -> bytes:
        data = stored(tile.level, tile.index)[: tile.width * merkle.HASH_SIZE]
        if len(data) < tile.width * merkle.HASH_SIZE:
            raise LogDamaged(f"{tile.path()} of log {log_id} is not whole")
        return data

    return read


def checked_frontier(head: Head, read: tiles.ReadTile) -> merkle.Frontier:
    """The right edge as the tiles have it. Raises LogDamaged unless it gives the head's root."""
    subtree = tiles.subtree_reader(head.size, read)
    edge = [subtree(start, end) for start, end in merkle.complete_subtrees(0, head.size)]
    if merkle.fold(edge) != head.root:
        raise LogDamaged("the tiles' right edge does not give the head's root")
    return merkle.Frontier(head.size, edge)


def check_whole(connection: Connection, tables: LogTables, log_id: str) -> None:
    """Check that every index below the head's size has its entry, and none other. Raises LogDamaged."""
    entry = tables.entry.c
    query = select(func.count(), func.max(entry.idx)).where(entry.log_id == log_id)
    count, last = connection.execute(query).one()
    size = head_of(connection, tables, log_id).size
    if count != size or (size and last != size - 1):
        raise LogDamaged(f"log {log_id} has {count} entries where its head names {size}")


def _waiting_leaves(connection: Connection, tables: LogTables, log_id: str) -> list[bytes]:
    """Leaf hashes, in an order that says nothing; each is that of the bytes in the database now.

    A bit that flips before the tree is built over it would otherwise spoil the log for good.
    """
    column = tables.waiting.c
    query = select(column.leaf_hash, column.entry).where(column.log_id == log_id)
    leaves = []
    for leaf, entry in connection.execute(query.order_by(column.leaf_hash)):
        if merkle.leaf_hash(entry) != leaf:
            raise LogDamaged(f"a waiting entry of log {log_id} does not give its leaf hash")
        leaves.append(bytes(leaf))
    return leaves


def _place(
    connection: Connection, tables: LogTables, log_id: str, first: int, leaves: Sequence[bytes]
) -> None:
    """Number the waiting entries, and move them to where entries lie by index."""
    column = tables.waiting.c
    rows = [{"log": log_id, "leaf": leaf, "index": first + at} for at, leaf in enumerate(leaves)]
    numbered = (column.log_id == log_id) & column.idx.is_not(None)
    placed = select(column.log_id, column.idx, column.entry).where(numbered).order_by(column.idx)
    counts = (
        execute_many(connection, _number(tables.waiting), rows).rowcount,
        connection.execute(insert(tables.entry).from_select(["log_id", "idx", "entry"], placed)).rowcount,
        connection.execute(delete(tables.waiting).where(numbered)).rowcount,
    )
    if set(counts) != {len(leaves)}:
        raise LogDamaged(f"the closing record of log {log_id} was there before")


@cache
def _number(table: Table) -> Update:
    waiting = table.c
    here = (waiting.log_id == bindparam("log")) & (waiting.leaf_hash == bindparam("leaf"))
    return update(table).where(here, waiting.idx.is_(None)).values(idx=bindparam("index", type_=Integer))


def _extend(
    connection: Connection,
    tables: LogTables,
    log_id: str,
    old: Head,
    leaves: Sequence[bytes],
    *,
    closed: bool,
) -> Head:
    read = tile_reader(connection, tables, log_id)
    frontier = checked_frontier(old, read)
    changed = [
        {"log_id": log_id, "level": tile.level, "n": tile.index, "data": data}
        for tile, data in tiles.extend(old.size, leaves, read)
    ]
    for leaf in leaves:
        frontier.append(leaf)
    connection.execute(_upsert_tile(connection, tables), changed)
    new = Head(frontier.size, frontier.root(), closed)
    column = tables.head.c
    statement = (
        update(tables.head)
        .where(column.log_id == log_id, column.size == old.size, column.root == old.root, ~column.closed)
        .values(size=new.size, root=new.root, closed=new.closed)
    )
    if connection.execute(statement).rowcount != 1:
        raise LogDamaged(f"the head of log {log_id} moved under its writer")
    return new


def _upsert_tile(connection: Connection, tables: LogTables) -> sqlite.Insert | postgresql.Insert:
    keys = ["log_id", "level", "n"]
    if connection.dialect.name == "sqlite":
        statement = sqlite.insert(tables.tile)
        return statement.on_conflict_do_update(index_elements=keys, set_={"data": statement.excluded.data})
    other = postgresql.insert(tables.tile)
    return other.on_conflict_do_update(index_elements=keys, set_={"data": other.excluded.data})
