"""The issuer's tables. No row tells a time or an order of arrival (docs/adr/0004).

The triggers that protect them stand in the migrations.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Table

from shared.log.tables import LOG_RIGHTS, log_tables

metadata = MetaData()

SECONDS: Final = BigInteger().with_variant(Integer, "sqlite")
"""The type of Unix seconds, also after 2038."""

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
    Column("issued", Integer, nullable=False, server_default="0", comment="see shared.given_mark"),
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

_KEPT: Final = ("SELECT", "INSERT")
_PASSING: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
RIGHTS: Final = {
    "alembic_version": ("SELECT",),
    "publication": _KEPT,
    "poll": (*_KEPT, "UPDATE (batch_slot, issued)"),
    "statement": (*_KEPT, "UPDATE (delivered)", "DELETE"),
    "issuance": (*_KEPT, "UPDATE (blind_signature)", "DELETE"),
    "archived_poll": (*_KEPT, "UPDATE (finished)"),
    "admin_act": _KEPT,
    **dict.fromkeys(("sign_in", "sign_in_poll", "oauth_grant", "granted_poll"), _PASSING),
    **dict.fromkeys(("self_check", "self_check_poll"), _PASSING),
    **dict.fromkeys(("application", "official", "admin_session", "poll_draft"), _PASSING),
    **LOG_RIGHTS,
}
"""What the role of the running services may do, table by table. It may call `sweep`, too."""
