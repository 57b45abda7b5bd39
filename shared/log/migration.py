"""What the migrations of both services do to a log's tables: frozen, a later change is one more migration."""

from typing import Final

import sqlalchemy as sa
from alembic import op

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
"""Triggers on heads and checkpoints, made after the tables."""

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
"""An entry waits, and leaves for its place alone."""

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


def part_entries() -> None:
    """Part the entries, kept by leaf hash until now, into those that wait and those that have their index.

    docs/adr/0015 says why.
    """
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in ("comes_waiting", "stays", "is_indexed_once") if sqlite else ():
        op.execute(f"DROP TRIGGER IF EXISTS log_entry_{guard}")
    op.drop_index("log_entry_idx", "log_entry")
    op.rename_table("log_entry", "log_entry_by_hash")
    _create_tables()
    op.execute(
        "INSERT INTO log_waiting (log_id, leaf_hash, entry) "
        "SELECT log_id, leaf_hash, entry FROM log_entry_by_hash WHERE idx IS NULL ORDER BY log_id, leaf_hash"
    )
    op.execute(
        "INSERT INTO log_entry (log_id, idx, entry) "
        "SELECT log_id, idx, entry FROM log_entry_by_hash WHERE idx IS NOT NULL ORDER BY log_id, idx"
    )
    op.drop_table("log_entry_by_hash")
    for guard in SQLITE_ENTRY_GUARDS if sqlite else ():
        op.execute(guard)


def _create_tables() -> None:
    op.create_table(
        "log_waiting",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("leaf_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("idx", sa.Integer, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_entry",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
