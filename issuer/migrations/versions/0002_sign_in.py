"""Sign-ins and grants."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of sign-ins and of grants."""
    op.create_table(
        "sign_in",
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("code_challenge", sa.String(43), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in_poll",
        sa.Column(
            "session", sa.LargeBinary, sa.ForeignKey("sign_in.session", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary),
        sa.Column("refusal", sa.String(32)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "oauth_grant",
        sa.Column("code", sa.LargeBinary, primary_key=True),
        sa.Column("code_challenge", sa.String(43), nullable=False),
        sa.Column("access_token", sa.LargeBinary, unique=True),
        sa.Column("expires_at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "granted_poll",
        sa.Column(
            "code", sa.LargeBinary, sa.ForeignKey("oauth_grant.code", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
