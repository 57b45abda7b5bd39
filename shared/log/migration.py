"""A change of the log's tables that the migrations of both services make (docs/adr/0015)."""

import sqlalchemy as sa
from alembic import op

from shared.log.tables import SQLITE_ENTRY_GUARDS


def part_entries() -> None:
    """Part the entries, kept by leaf hash until now, into those that wait and those that have their index."""
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
