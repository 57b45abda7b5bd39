"""Which worker leads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of the lease, with its one row: nobody leads yet."""
    op.create_table(
        "leader",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("beat", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO leader (id, term, beat) VALUES (1, 0, NULL)")
