"""Cancellations and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "statement",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("statement", sa.LargeBinary, nullable=False),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
