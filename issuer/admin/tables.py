"""What is kept of officials and of their work. Of residents nothing is here."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from issuer.tables import SECONDS, metadata

application = Table(
    "application",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the applicant's code"),
    Column("number", String(16), nullable=False, unique=True, comment="what people call it by"),
    Column("stage", String(16), nullable=False, comment="see issuer.admin.applications.Stage"),
    Column("fields", String, nullable=False, comment="JSON of issuer.admin.applications.Fields"),
    Column("reason", String, nullable=False, comment="why it was refused or ended; empty otherwise"),
    Column("scan", LargeBinary, comment="the signed and stamped paper"),
    Column("scan_type", String(32), comment="its media type"),
    Column("made_at", SECONDS, nullable=False, comment="Unix seconds"),
    sqlite_with_rowid=False,
)

official = Table(
    "official",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="16 random bytes"),
    Column("person", LargeBinary, nullable=False, index=True, comment="keyed hash of the SNILS"),
    Column("role", String(16), nullable=False, comment="administrator or operator"),
    Column("oktmo", String(8), nullable=False, comment="the municipality, or the region of an operator"),
    Column("name", String, nullable=False),
    Column("starts_at", SECONDS, nullable=False, comment="Unix seconds"),
    Column("ends_at", SECONDS, nullable=False, comment="Unix seconds"),
    Column("application", LargeBinary, ForeignKey("application.id", ondelete="SET NULL"), unique=True),
    sqlite_with_rowid=False,
)

admin_session = Table(
    "admin_session",
    metadata,
    Column("session", LargeBinary, primary_key=True, comment="SHA-256 of the browser's cookie"),
    Column("person", LargeBinary, comment="keyed hash of the SNILS; empty while ESIA is asked"),
    Column("ends_at", SECONDS, nullable=False, comment="Unix seconds: the latest end"),
    Column("expires_at", SECONDS, nullable=False, comment="Unix seconds: the end unless it is used"),
    sqlite_with_rowid=False,
)

admin_act = Table(
    "admin_act",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3, ..."),
    Column("at", SECONDS, nullable=False, comment="Unix seconds"),
    Column("official", LargeBinary, comment="who; empty for the command line and for applicants"),
    Column("act", String(32), nullable=False, comment="see issuer.admin.acts.ACTS"),
    Column("subject", String(64), nullable=False, comment="number of an application, id of a draft or poll"),
    Column("chain", LargeBinary, nullable=False, comment="SHA-256 over the chain before and this row"),
)
"""Append-only: the database refuses to change or delete a row."""

poll_draft = Table(
    "poll_draft",
    metadata,
    Column("id", String(32), primary_key=True, comment="16 random bytes in hex"),
    Column("oktmo", String(8), nullable=False, index=True, comment="whose poll it is"),
    Column("stage", String(16), nullable=False, comment="see issuer.admin.drafts.Stage"),
    Column("version", Integer, nullable=False, comment="grows with every change"),
    Column("content", String, nullable=False, comment="JSON of what was typed"),
    Column("editor", LargeBinary, nullable=False, comment="keyed hash of the SNILS of who typed last"),
    Column("note", String, nullable=False, comment="what the reviewer, or the publication, answered"),
    Column("poll_id", LargeBinary, unique=True, comment="of the published poll"),
    Column("changed_at", SECONDS, nullable=False, comment="Unix seconds"),
    sqlite_with_rowid=False,
)
