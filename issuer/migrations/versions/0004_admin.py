"""Officials: applications, roles, sessions, the log of acts, drafts of polls."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SQLITE_APPEND_ONLY = (
    "CREATE TRIGGER admin_act_no_{verb} BEFORE {verb} ON admin_act "
    "BEGIN SELECT RAISE(ABORT, 'admin_act is append-only'); END"
)
_POSTGRESQL_APPEND_ONLY = (
    "CREATE FUNCTION admin_act_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'admin_act is append-only'; END $$",
    "CREATE TRIGGER admin_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_act "
    "FOR EACH STATEMENT EXECUTE FUNCTION admin_act_append_only()",
)


def upgrade() -> None:
    """Make the tables, and protect the log of acts."""
    _officials()
    op.create_table(
        "admin_session",
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("person", sa.LargeBinary),
        sa.Column("ends_at", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "admin_act",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("official", sa.LargeBinary),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "poll_draft",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("oktmo", sa.String(8), nullable=False, index=True),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("editor", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("poll_id", sa.LargeBinary, unique=True),
        sa.Column("changed_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    _protect()


def _officials() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("fields", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("scan", sa.LargeBinary),
        sa.Column("scan_type", sa.String(32)),
        sa.Column("made_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "official",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("person", sa.LargeBinary, nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("oktmo", sa.String(8), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("starts_at", sa.Integer, nullable=False),
        sa.Column("ends_at", sa.Integer, nullable=False),
        sa.Column(
            "application",
            sa.LargeBinary,
            sa.ForeignKey("application.id", ondelete="SET NULL"),
            unique=True,
        ),
        sqlite_with_rowid=False,
    )


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_APPEND_ONLY.format(verb=verb))
    else:
        for statement in _POSTGRESQL_APPEND_ONLY:
            op.execute(statement)
