"""The files of a log at their C2SP tlog-tiles paths, never beyond the newest published checkpoint."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from crypto.errors import MalformedTile
from crypto.merkle import HASH_SIZE
from crypto.tiles import WIDTH, Tile, encode_bundle, parse_path, tile_width
from shared.log.publisher import published_note, published_size
from shared.log.sequencer import LogDamaged, tile_reader
from shared.log.tables import LogTables

PAGE: Final = 1024
"""How many entries are read at once."""
NOTE_TYPE: Final = "text/plain; charset=utf-8"
TILE_TYPE: Final = "application/octet-stream"


class NoSuchFile(Exception):
    """The log has no such file, or has not published it yet."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """Bytes as served. `immutable`: the same for ever, any cache may keep it.

    `compressible`: hashes are not.
    """

    data: bytes
    content_type: str
    immutable: bool
    compressible: bool = False


def read_file(connection: Connection, tables: LogTables, log_id: str, path: str) -> LogFile:
    """The file at a path below the log's prefix: `checkpoint`, `tile/...`. Raises NoSuchFile, LogDamaged."""
    if path == "checkpoint":
        note = published_note(connection, tables, log_id)
        if note is None:
            raise NoSuchFile(path)
        return LogFile(note, NOTE_TYPE, immutable=False)
    try:
        tile = parse_path(path)
    except MalformedTile:
        raise NoSuchFile(path) from None
    size = published_size(connection, tables, log_id)
    if tile.width > tile_width(tile.level or 0, tile.index, size):
        raise NoSuchFile(path)
    data = _tile(connection, tables, log_id, tile)
    return LogFile(data, TILE_TYPE, immutable=True, compressible=tile.level is None)


def entries(connection: Connection, tables: LogTables, log_id: str, start: int, end: int) -> Iterator[bytes]:
    """The entries with indices from start to end, in order, read as they are asked for.

    Page by page: a driver holds all rows of a query in memory, and PostgreSQL ends a transaction that idles.
    """
    column = tables.entry.c
    for first in range(start, end, PAGE):
        here = (column.log_id == log_id) & (column.idx >= first) & (column.idx < min(first + PAGE, end))
        page = connection.scalars(select(column.entry).where(here).order_by(column.idx)).all()
        yield from map(bytes, page)


def find_leaf(connection: Connection, tables: LogTables, log_id: str, leaf: bytes) -> int | None:
    """The first index of a leaf hash, by a walk over the level-0 tiles; None while it has none.

    No table leads from a leaf hash to its index: each batch would write to pages all over it.
    """
    column = tables.tile.c
    query = select(column.n, column.data).where(column.log_id == log_id, column.level == 0)
    for number, data in connection.execute(query.order_by(column.n)):
        at = data.find(leaf)
        if at >= 0 and at % HASH_SIZE == 0:
            return int(number) * WIDTH + int(at) // HASH_SIZE
    return None


def _tile(connection: Connection, tables: LogTables, log_id: str, tile: Tile) -> bytes:
    if tile.level is not None:
        return tile_reader(connection, tables, log_id)(tile)
    start = tile.index * WIDTH
    bundle = list(entries(connection, tables, log_id, start, start + tile.width))
    if len(bundle) != tile.width:
        raise LogDamaged(f"{tile.path()} of log {log_id} is not whole")
    return encode_bundle(bundle)
