"""Sign-ins and grants: minutes old, found by hashes of what the browser or the client holds."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from issuer.tables import SECONDS, metadata

sign_in = Table(
    "sign_in",
    metadata,
    Column("session", LargeBinary, primary_key=True, comment="SHA-256 of the browser's cookie"),
    Column("stage", String(16), nullable=False, comment="see issuer.oauth.store.Stage"),
    Column("scope", String, nullable=False, comment="as the client asked"),
    Column("state", String, nullable=False, comment="the client's; empty if it sent none"),
    Column("code_challenge", String(43), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", SECONDS, nullable=False, comment="Unix seconds"),
    sqlite_with_rowid=False,
)

sign_in_poll = Table(
    "sign_in_poll",
    metadata,
    Column("session", LargeBinary, ForeignKey("sign_in.session", ondelete="CASCADE"), primary_key=True),
    Column("poll_id", LargeBinary, primary_key=True),
    Column("pseudonym", LargeBinary, comment="where eligible"),
    Column("refusal", String(32), comment="the slug where not"),
    sqlite_with_rowid=False,
)
"""What was decided on ESIA's answer, until the resident chooses."""

oauth_grant = Table(
    "oauth_grant",
    metadata,
    Column("code", LargeBinary, primary_key=True, comment="SHA-256 of the authorization code"),
    Column("code_challenge", String(43), nullable=False),
    Column("access_token", LargeBinary, unique=True, comment="SHA-256; empty until the code is used"),
    Column("expires_at", SECONDS, nullable=False, comment="Unix seconds"),
    sqlite_with_rowid=False,
)

granted_poll = Table(
    "granted_poll",
    metadata,
    Column("code", LargeBinary, ForeignKey("oauth_grant.code", ondelete="CASCADE"), primary_key=True),
    Column("poll_id", LargeBinary, primary_key=True),
    Column("pseudonym", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
