"""The ballot box's tables. No row tells a time, an address or an order of arrival (docs/adr/0004).

The triggers that protect them stand in the migrations.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

from shared.log.tables import LOG_RIGHTS, log_tables

metadata = MetaData()

log = log_tables(metadata)
"""Poll logs. A log that has its closing record takes no ballot."""

given_log = Table(
    "given_log",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("request", LargeBinary, primary_key=True),
    Column("log_id", String(32), nullable=False, unique=True),
    sqlite_with_rowid=False,
)
"""Logs given to issuers for polls to come (docs/protocol.md 3.6, step 2)."""

poll = Table(
    "poll",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("log_id", String(32), nullable=False, unique=True),
    Column("manifest", LargeBinary, nullable=False),
    Column("signatures", LargeBinary, nullable=False),
    Column("result", LargeBinary),
    Column("result_signature", LargeBinary),
    sqlite_with_rowid=False,
)
"""Published polls."""

ballot_key = Table(
    "ballot_key",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("ballot_key", LargeBinary, primary_key=True),
    Column("revision", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Which leaf a ballot key signed: one per poll, key and revision, decided by the primary key."""

accepted = Table(
    "accepted",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("ballots", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many ballots of a poll were accepted, for `State.receipts_mark`."""

statement = Table(
    "statement",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("statement", LargeBinary, nullable=False, comment="as it is published"),
    sqlite_with_rowid=False,
)
"""Cancellations, decisions and openings: one of a kind per poll."""

client_release = Table(
    "client_release",
    metadata,
    Column("release_id", LargeBinary, primary_key=True),
    Column("leaf_hash", LargeBinary, nullable=False, unique=True),
    Column("release", LargeBinary, nullable=False, comment="with its signatures, as it is published"),
    sqlite_with_rowid=False,
)
"""Releases of the client; their order is that of the catalogue."""

swept_poll = Table(
    "swept_poll",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""Polls that ended, and after whose end the database's files were swept of the order of writing."""

leader = Table(
    "leader",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("term", Integer, nullable=False),
    Column("beat", Integer),
    sqlite_with_rowid=False,
)
"""The lease of the leading worker, one row: how often it changed hands, and was renewed; NULL when free."""

RIGHTS: Final = {
    "alembic_version": ("SELECT",),
    "given_log": ("SELECT", "INSERT"),
    "poll": ("SELECT", "INSERT", "UPDATE (result, result_signature)"),
    "ballot_key": ("SELECT", "INSERT", "UPDATE (leaf_hash)"),
    "accepted": ("SELECT", "INSERT", "UPDATE (ballots)"),
    "statement": ("SELECT", "INSERT"),
    "client_release": ("SELECT", "INSERT"),
    "swept_poll": ("SELECT", "INSERT"),
    "leader": ("SELECT", "UPDATE (term, beat)"),
    **LOG_RIGHTS,
}
"""What the role of the running services may do, table by table."""
