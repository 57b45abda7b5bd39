"""PostgreSQL: a sweep writes the tables of officials anew, too."""

from alembic import op

from shared.postgresql import sweep_function

revision = "0009"
down_revision = "0008"

_SWEPT = (
    "issuance",
    "sign_in",
    "sign_in_poll",
    "oauth_grant",
    "granted_poll",
    "self_check",
    "self_check_poll",
    "application",
    "official",
    "admin_session",
)


def upgrade() -> None:
    """Make the function again; `veche-issuer init` grants it again."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP FUNCTION sweep()")
    for statement in sweep_function({table: f"{table}_pkey" for table in _SWEPT}):
        op.execute(statement)
