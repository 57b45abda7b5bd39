"""The first tables."""

import sqlalchemy as sa
from alembic import op

from shared.log.migration import SQLITE_GUARDS

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of polls, issuances and issuance logs."""
    op.create_table(
        "publication",
        sa.Column("request", sa.LargeBinary, primary_key=True),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("batch_slot", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "issuance",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("blinded_message", sa.LargeBinary, nullable=False),
        sa.Column("blind_signature", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    _log_tables()


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
    if op.get_bind().dialect.name == "sqlite":
        for guard in SQLITE_GUARDS:
            op.execute(guard)
