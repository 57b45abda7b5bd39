"""Cancellations and decisions."""

import sqlalchemy as sa
from alembic import op

from ballot_box.tables import STATEMENT_GUARDS

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table, and protect it."""
    op.create_table(
        "statement",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("statement", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        for guard in STATEMENT_GUARDS:
            op.execute(guard)
