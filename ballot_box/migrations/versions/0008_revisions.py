"""PostgreSQL: room for every revision that a ballot can have (uint32, docs/protocol.md 6.1)."""

import sqlalchemy as sa
from alembic import op

revision = "0008_suits_0007"
down_revision = "0007"


def upgrade() -> None:
    """Widen the column; integers of SQLite are wide enough."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("ballot_key", "revision", type_=sa.BigInteger)
