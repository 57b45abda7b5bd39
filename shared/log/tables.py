"""Tables of a log. No times, no serials: a waiting row is known by its leaf hash alone (docs/adr/0015)."""

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


SQLITE_ENTRY_GUARDS: Final = (
    """CREATE TRIGGER log_entry_comes_waiting BEFORE INSERT ON log_waiting
       WHEN NEW.idx IS NOT NULL OR (SELECT closed FROM log_head WHERE log_id = NEW.log_id) IS NOT 0
       BEGIN SELECT RAISE(ABORT, 'a log entry comes waiting, to a log that is open'); END""",
    """CREATE TRIGGER log_entry_is_numbered_once BEFORE UPDATE ON log_waiting
       WHEN OLD.idx IS NOT NULL OR NEW.idx IS NULL OR NEW.entry IS NOT OLD.entry
         OR NEW.leaf_hash IS NOT OLD.leaf_hash OR NEW.log_id IS NOT OLD.log_id
       BEGIN SELECT RAISE(ABORT, 'a waiting entry changes but once, when it gets its index'); END""",
    """CREATE TRIGGER log_entry_waits_until_placed BEFORE DELETE ON log_waiting
       WHEN NOT EXISTS (SELECT 1 FROM log_entry
         WHERE log_id = OLD.log_id AND idx = OLD.idx AND entry = OLD.entry)
       BEGIN SELECT RAISE(ABORT, 'a log entry waits until it has its place'); END""",
    """CREATE TRIGGER log_entry_comes_last BEFORE INSERT ON log_entry
       WHEN NOT EXISTS (SELECT 1 FROM log_head
         WHERE log_id = NEW.log_id AND size <= NEW.idx AND NOT closed)
       BEGIN SELECT RAISE(ABORT, 'a log entry comes last, to a log that is open'); END""",
    """CREATE TRIGGER log_entry_stays BEFORE DELETE ON log_entry
       BEGIN SELECT RAISE(ABORT, 'log entries stay'); END""",
    """CREATE TRIGGER log_entry_is_final BEFORE UPDATE ON log_entry
       BEGIN SELECT RAISE(ABORT, 'log entries are final'); END""",
)
"""Triggers that migrations create after the tables: an entry waits, and leaves for its place alone."""

SQLITE_GUARDS: Final = (
    """CREATE TRIGGER log_head_stays BEFORE DELETE ON log_head
       BEGIN SELECT RAISE(ABORT, 'a log stays'); END""",
    """CREATE TRIGGER log_head_grows BEFORE UPDATE ON log_head
       WHEN NEW.size <= OLD.size OR OLD.closed OR NEW.log_id IS NOT OLD.log_id
       BEGIN SELECT RAISE(ABORT, 'a log grows until it is closed'); END""",
    """CREATE TRIGGER log_checkpoint_stays BEFORE DELETE ON log_checkpoint
       BEGIN SELECT RAISE(ABORT, 'checkpoints stay'); END""",
    """CREATE TRIGGER log_checkpoint_is_final BEFORE UPDATE ON log_checkpoint
       BEGIN SELECT RAISE(ABORT, 'checkpoints are final'); END""",
)
"""The same for heads and checkpoints."""

POSTGRESQL_GUARDS: Final = (
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0]; END $$""",
    """CREATE FUNCTION log_is_open(id varchar) RETURNS boolean LANGUAGE sql STABLE AS
       $$ SELECT NOT closed FROM log_head WHERE log_id = id $$""",
    """CREATE FUNCTION log_takes(id varchar, place integer) RETURNS boolean LANGUAGE sql STABLE AS
       $$ SELECT size <= place AND NOT closed FROM log_head WHERE log_id = id $$""",
    """CREATE FUNCTION log_has(id varchar, place integer, leaf bytea) RETURNS boolean LANGUAGE sql STABLE AS
       $$ SELECT entry = leaf FROM log_entry WHERE log_id = id AND idx = place $$""",
    """CREATE TRIGGER log_entry_comes_waiting BEFORE INSERT ON log_waiting FOR EACH ROW
       WHEN (NEW.idx IS NOT NULL OR log_is_open(NEW.log_id) IS NOT TRUE)
       EXECUTE FUNCTION refuse('a log entry comes waiting, to a log that is open')""",
    """CREATE TRIGGER log_entry_is_numbered_once BEFORE UPDATE ON log_waiting FOR EACH ROW
       WHEN (OLD.idx IS NOT NULL OR NEW.idx IS NULL OR NEW.entry IS DISTINCT FROM OLD.entry
         OR NEW.leaf_hash IS DISTINCT FROM OLD.leaf_hash OR NEW.log_id IS DISTINCT FROM OLD.log_id)
       EXECUTE FUNCTION refuse('a waiting entry changes but once, when it gets its index')""",
    """CREATE TRIGGER log_entry_waits_until_placed BEFORE DELETE ON log_waiting FOR EACH ROW
       WHEN (log_has(OLD.log_id, OLD.idx, OLD.entry) IS NOT TRUE)
       EXECUTE FUNCTION refuse('a log entry waits until it has its place')""",
    """CREATE TRIGGER log_waiting_stays BEFORE TRUNCATE ON log_waiting
       EXECUTE FUNCTION refuse('log entries stay')""",
    """CREATE TRIGGER log_entry_comes_last BEFORE INSERT ON log_entry FOR EACH ROW
       WHEN (log_takes(NEW.log_id, NEW.idx) IS NOT TRUE)
       EXECUTE FUNCTION refuse('a log entry comes last, to a log that is open')""",
    """CREATE TRIGGER log_entry_stays BEFORE DELETE OR TRUNCATE ON log_entry
       EXECUTE FUNCTION refuse('log entries stay')""",
    """CREATE TRIGGER log_entry_is_final BEFORE UPDATE ON log_entry FOR EACH ROW
       EXECUTE FUNCTION refuse('log entries are final')""",
    """CREATE TRIGGER log_head_stays BEFORE DELETE OR TRUNCATE ON log_head
       EXECUTE FUNCTION refuse('a log stays')""",
    """CREATE TRIGGER log_head_grows BEFORE UPDATE ON log_head FOR EACH ROW
       WHEN (NEW.size <= OLD.size OR OLD.closed OR NEW.log_id IS DISTINCT FROM OLD.log_id)
       EXECUTE FUNCTION refuse('a log grows until it is closed')""",
    """CREATE TRIGGER log_checkpoint_stays BEFORE DELETE OR TRUNCATE ON log_checkpoint
       EXECUTE FUNCTION refuse('checkpoints stay')""",
    """CREATE TRIGGER log_checkpoint_is_final BEFORE UPDATE ON log_checkpoint FOR EACH ROW
       EXECUTE FUNCTION refuse('checkpoints are final')""",
)
"""The same for PostgreSQL; `refuse` serves the other guards, too."""

LOG_RIGHTS: Final = {
    "log_waiting": ("SELECT", "INSERT", "UPDATE (idx)", "DELETE"),
    "log_entry": ("SELECT", "INSERT"),
    "log_tile": ("SELECT", "INSERT", "UPDATE (data)"),
    "log_head": ("SELECT", "INSERT", "UPDATE (size, root, closed)"),
    "log_checkpoint": ("SELECT", "INSERT"),
}
"""What the role of a running service may do with them, on PostgreSQL."""
