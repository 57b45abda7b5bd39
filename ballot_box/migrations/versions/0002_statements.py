"""Cancellations and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_GUARDS = (
    """CREATE TRIGGER statement_stays BEFORE DELETE ON statement
       BEGIN SELECT RAISE(ABORT, 'statements stay'); END""",
    """CREATE TRIGGER statement_is_final BEFORE UPDATE ON statement
       BEGIN SELECT RAISE(ABORT, 'statements are final'); END""",
)


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
        for guard in _GUARDS:
            op.execute(guard)
