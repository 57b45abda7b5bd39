"""Self-checks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables of self-checks."""
    op.create_table(
        "self_check",
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("at_esia", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "self_check_poll",
        sa.Column(
            "session",
            sa.LargeBinary,
            sa.ForeignKey("self_check.session", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
