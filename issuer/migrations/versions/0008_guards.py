"""The database refuses to lose an issuance before the archive; PostgreSQL: all guards, and the sweep."""

import sqlalchemy as sa
from alembic import op

from shared.log.migration import POSTGRESQL_GUARDS
from shared.postgresql import sweep_function

revision = "0008"
down_revision = "0007"

_SQLITE_GUARDS = (
    """CREATE TRIGGER issuance_stays_until_the_archive BEFORE DELETE ON issuance
       WHEN NOT EXISTS (SELECT 1 FROM archived_poll WHERE poll_id = OLD.poll_id)
       BEGIN SELECT RAISE(ABORT, 'issuances stay until their poll is archived'); END""",
    """CREATE TRIGGER issuance_is_signed_once BEFORE UPDATE ON issuance
       WHEN OLD.blind_signature IS NOT NULL OR NEW.poll_id IS NOT OLD.poll_id
         OR NEW.pseudonym IS NOT OLD.pseudonym OR NEW.nonce IS NOT OLD.nonce
         OR NEW.blinded_message IS NOT OLD.blinded_message
       BEGIN SELECT RAISE(ABORT, 'an issuance changes but once, when it is signed'); END""",
    """CREATE TRIGGER issuance_ends_with_the_archive BEFORE INSERT ON issuance
       WHEN EXISTS (SELECT 1 FROM archived_poll WHERE poll_id = NEW.poll_id)
       BEGIN SELECT RAISE(ABORT, 'an archived poll issues nothing'); END""",
    """CREATE TRIGGER poll_stays BEFORE DELETE ON poll
       BEGIN SELECT RAISE(ABORT, 'polls stay'); END""",
    """CREATE TRIGGER archived_poll_stays BEFORE DELETE ON archived_poll
       BEGIN SELECT RAISE(ABORT, 'archived polls stay'); END""",
)

_POSTGRESQL_GUARDS = (
    """CREATE FUNCTION is_archived(id bytea) RETURNS boolean LANGUAGE sql STABLE AS
       $$ SELECT EXISTS (SELECT FROM archived_poll WHERE poll_id = id) $$""",
    """CREATE TRIGGER issuance_stays_until_the_archive BEFORE DELETE ON issuance FOR EACH ROW
       WHEN (NOT is_archived(OLD.poll_id))
       EXECUTE FUNCTION refuse('issuances stay until their poll is archived')""",
    """CREATE TRIGGER issuance_is_not_emptied BEFORE TRUNCATE ON issuance
       EXECUTE FUNCTION refuse('issuances stay until their poll is archived')""",
    """CREATE TRIGGER issuance_is_signed_once BEFORE UPDATE ON issuance FOR EACH ROW
       WHEN (OLD.blind_signature IS NOT NULL OR NEW.poll_id IS DISTINCT FROM OLD.poll_id
         OR NEW.pseudonym IS DISTINCT FROM OLD.pseudonym OR NEW.nonce IS DISTINCT FROM OLD.nonce
         OR NEW.blinded_message IS DISTINCT FROM OLD.blinded_message)
       EXECUTE FUNCTION refuse('an issuance changes but once, when it is signed')""",
    """CREATE TRIGGER issuance_ends_with_the_archive BEFORE INSERT ON issuance FOR EACH ROW
       WHEN (is_archived(NEW.poll_id)) EXECUTE FUNCTION refuse('an archived poll issues nothing')""",
    """CREATE TRIGGER poll_stays BEFORE DELETE OR TRUNCATE ON poll
       EXECUTE FUNCTION refuse('polls stay')""",
    """CREATE TRIGGER archived_poll_stays BEFORE DELETE OR TRUNCATE ON archived_poll
       EXECUTE FUNCTION refuse('archived polls stay')""",
)

_PERSONS = (
    "issuance",
    "sign_in",
    "sign_in_poll",
    "oauth_grant",
    "granted_poll",
    "self_check",
    "self_check_poll",
)
"""The tables that hold pseudonyms or lead to them: the archive sweeps them."""

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
        for guard in _SQLITE_GUARDS:
            op.execute(guard)
        return
    for table, columns in _SECONDS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.BigInteger)
    for statement in (
        *POSTGRESQL_GUARDS,
        *_POSTGRESQL_GUARDS,
        *sweep_function({table: f"{table}_pkey" for table in _PERSONS}),
    ):
        op.execute(statement)
