"""The database refuses to lose an issuance before the archive; PostgreSQL: all guards, and the sweep."""

import sqlalchemy as sa
from alembic import op

from issuer.tables import PERSONS, POSTGRESQL_GUARDS, SQLITE_GUARDS
from shared.log.tables import POSTGRESQL_GUARDS as LOG_GUARDS
from shared.postgresql import sweep_function

revision = "0008"
down_revision = "0007"

_SECONDS = {
    "sign_in": ("expires_at",),
    "oauth_grant": ("expires_at",),
    "self_check": ("expires_at",),
    "application": ("made_at",),
    "official": ("starts_at", "ends_at"),
    "admin_session": ("ends_at", "expires_at"),
    "admin_act": ("at",),
    "poll_draft": ("changed_at",),
}


def upgrade() -> None:
    """Protect the tables. On PostgreSQL Unix seconds get the room that SQLite gives them anyway."""
    if op.get_bind().dialect.name == "sqlite":
        for guard in SQLITE_GUARDS:
            op.execute(guard)
        return
    for table, columns in _SECONDS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.BigInteger)
    for statement in (
        *LOG_GUARDS,
        *POSTGRESQL_GUARDS,
        *sweep_function({table: f"{table}_pkey" for table in PERSONS}),
    ):
        op.execute(statement)
