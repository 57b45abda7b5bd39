"""The first tables."""

import sqlalchemy as sa
from alembic import op

from shared.log.migration import SQLITE_GUARDS

revision = "0001"
down_revision = None

_GUARDS = (
    """CREATE TRIGGER ballot_key_stays BEFORE DELETE ON ballot_key
       BEGIN SELECT RAISE(ABORT, 'ballot keys stay'); END""",
    """CREATE TRIGGER ballot_key_is_final BEFORE UPDATE ON ballot_key
       BEGIN SELECT RAISE(ABORT, 'ballot keys are final'); END""",
    """CREATE TRIGGER poll_stays BEFORE DELETE ON poll
       BEGIN SELECT RAISE(ABORT, 'polls stay'); END""",
    """CREATE TRIGGER poll_is_final BEFORE UPDATE ON poll
       WHEN OLD.result IS NOT NULL OR NEW.poll_id IS NOT OLD.poll_id OR NEW.log_id IS NOT OLD.log_id
         OR NEW.manifest IS NOT OLD.manifest OR NEW.signatures IS NOT OLD.signatures
       BEGIN SELECT RAISE(ABORT, 'a poll changes but once, when its result comes'); END""",
)


def upgrade() -> None:
    """Make the tables of polls, ballot keys and poll logs."""
    op.create_table(
        "given_log",
        sa.Column("issuer", sa.String, primary_key=True),
        sa.Column("request", sa.LargeBinary, primary_key=True),
        sa.Column("log_id", sa.String(32), nullable=False, unique=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("log_id", sa.String(32), nullable=False, unique=True),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("signatures", sa.LargeBinary, nullable=False),
        sa.Column("result", sa.LargeBinary),
        sa.Column("result_signature", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_key",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("ballot_key", sa.LargeBinary, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    _log_tables()
    if op.get_bind().dialect.name == "sqlite":
        for guard in (*_GUARDS, *SQLITE_GUARDS):
            op.execute(guard)


def _log_tables() -> None:
    op.create_table(
        "log_entry",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("leaf_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("idx", sa.Integer, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index("log_entry_idx", "log_entry", ["log_id", "idx"], unique=True)
    op.create_table(
        "log_tile",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_head",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("log_id", sa.String(32), primary_key=True),
        sa.Column("size", sa.Integer, primary_key=True),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
