"""Releases of the client."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "client_release",
        sa.Column("release_id", sa.LargeBinary, primary_key=True),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("release", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
