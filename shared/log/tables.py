"""Tables of a log. No times, no serials: a waiting row is known by its leaf hash alone (docs/adr/0015).

The triggers that protect them stand in `shared.log.migration`.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table


@dataclass(frozen=True, slots=True)
class LogTables:
    """`waiting` by leaf hash, `entry` by index, `tile` (the widest of each place), `head`, `checkpoint`."""

    waiting: Table
    entry: Table
    tile: Table
    head: Table
    checkpoint: Table


def log_tables(metadata: MetaData) -> LogTables:
    """Define the tables in a service's metadata."""
    waiting = Table(
        "log_waiting",
        metadata,
        Column("log_id", String(32), primary_key=True),
        Column("leaf_hash", LargeBinary(32), primary_key=True),
        Column("entry", LargeBinary, nullable=False),
        Column("idx", Integer, nullable=True, comment="set inside the transaction that moves the row"),
        sqlite_with_rowid=False,
    )
    entry = Table(
        "log_entry",
        metadata,
        Column("log_id", String(32), primary_key=True),
        Column("idx", Integer, primary_key=True, autoincrement=False),
        Column("entry", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    tile = Table(
        "log_tile",
        metadata,
        Column("log_id", String(32), primary_key=True),
        Column("level", Integer, primary_key=True),
        Column("n", Integer, primary_key=True),
        Column("data", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    head = Table(
        "log_head",
        metadata,
        Column("log_id", String(32), primary_key=True),
        Column("size", Integer, nullable=False),
        Column("root", LargeBinary(32), nullable=False),
        Column("closed", Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    checkpoint = Table(
        "log_checkpoint",
        metadata,
        Column("log_id", String(32), primary_key=True),
        Column("size", Integer, primary_key=True),
        Column("note", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    return LogTables(waiting, entry, tile, head, checkpoint)


LOG_RIGHTS: Final = {
    "log_waiting": ("SELECT", "INSERT", "UPDATE (idx)", "DELETE"),
    "log_entry": ("SELECT", "INSERT"),
    "log_tile": ("SELECT", "INSERT", "UPDATE (data)"),
    "log_head": ("SELECT", "INSERT", "UPDATE (size, root, closed)"),
    "log_checkpoint": ("SELECT", "INSERT"),
}
"""What the role of a running service may do with them, on PostgreSQL."""
