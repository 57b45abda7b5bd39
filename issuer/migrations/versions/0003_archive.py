"""Archived polls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of archived polls."""
    op.create_table(
        "archived_poll",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
