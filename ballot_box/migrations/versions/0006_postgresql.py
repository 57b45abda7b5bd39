"""PostgreSQL: the database itself refuses what must not be; SQLite has had it from the first tables on."""

from alembic import op

from ballot_box.tables import ARRIVING, POSTGRESQL_GUARDS
from shared.log.tables import POSTGRESQL_GUARDS as LOG_GUARDS
from shared.postgresql import sweep_function

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Protect the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in (*LOG_GUARDS, *POSTGRESQL_GUARDS, *sweep_function(ARRIVING)):
            op.execute(statement)
