"""The issuer's tables. No row tells a time or an order of arrival (docs/adr/0004)."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table

from shared.log.tables import log_tables

metadata = MetaData()

log = log_tables(metadata)
"""Issuance logs. A log that has its closing leaf ends the issuance of its poll."""

publication = Table(
    "publication",
    metadata,
    Column("request", LargeBinary, primary_key=True, comment="SHA-256 of the canonical draft"),
    Column("manifest", LargeBinary, nullable=False, comment="the bytes that are signed and delivered"),
    sqlite_with_rowid=False,
)
"""Manifests that were assembled; what is delivered to the box stands in `poll` as well."""

poll = Table(
    "poll",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("manifest", LargeBinary, nullable=False),
    Column("batch_slot", Integer, nullable=False, comment="the period of the last batch of the issuance log"),
    sqlite_with_rowid=False,
)
"""Published polls: the ballot box has them."""

statement = Table(
    "statement",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("kind", String(16), primary_key=True, comment="cancellation or decision"),
    Column("statement", LargeBinary, nullable=False, comment="with its signatures"),
    Column("delivered", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""What was said of published polls. A cancelled poll gives no tokens."""

issuance = Table(
    "issuance",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("blinded_message", LargeBinary, nullable=False),
    Column("blind_signature", LargeBinary, comment="empty between the two commits of an issuance"),
    sqlite_with_rowid=False,
)
"""One row per person and poll, decided by its primary key; gone when the poll is archived."""

archived_poll = Table(
    "archived_poll",
    metadata,
    Column("poll_id", LargeBinary, primary_key=True),
    Column("issued", Integer, nullable=False),
    Column("finished", Boolean, nullable=False, comment="the files of the database are swept, too"),
    sqlite_with_rowid=False,
)
"""Polls that remember no persons any more, and how many tokens were issued."""
