"""Self-checks: minutes old, found by hashes of what the browser holds."""

from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, Table

from issuer.tables import SECONDS, metadata

self_check = Table(
    "self_check",
    metadata,
    Column("session", LargeBinary, primary_key=True, comment="SHA-256 of the browser's cookie"),
    Column("at_esia", Boolean, nullable=False),
    Column("expires_at", SECONDS, nullable=False, comment="Unix seconds"),
    sqlite_with_rowid=False,
)

self_check_poll = Table(
    "self_check_poll",
    metadata,
    Column("session", LargeBinary, ForeignKey("self_check.session", ondelete="CASCADE"), primary_key=True),
    Column("poll_id", LargeBinary, primary_key=True),
    Column("pseudonym", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Whose records the browser may see, in each poll that is not archived."""
