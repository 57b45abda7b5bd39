"""Which polls were swept of the order of writing; of those that ended before, none."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "swept_poll",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )
