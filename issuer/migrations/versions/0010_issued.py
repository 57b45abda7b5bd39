"""How many issuances a poll has, beside the poll: to be held against the mark outside of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0010_suits_0009"
down_revision = "0009"


def upgrade() -> None:
    """Add the number, and count what is there."""
    op.add_column("poll", sa.Column("issued", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE poll SET issued = (SELECT count(*) FROM issuance WHERE issuance.poll_id = poll.poll_id)"
    )
