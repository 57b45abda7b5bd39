"""PostgreSQL: the database itself refuses what must not be; SQLite has had it from the first tables on."""

from alembic import op

from shared.log.migration import POSTGRESQL_GUARDS
from shared.postgresql import sweep_function

revision = "0006"
down_revision = "0005"

_GUARDS = (
    """CREATE TRIGGER ballot_key_stays BEFORE DELETE OR TRUNCATE ON ballot_key
       EXECUTE FUNCTION refuse('ballot keys stay')""",
    """CREATE TRIGGER ballot_key_is_final BEFORE UPDATE ON ballot_key FOR EACH ROW
       WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION refuse('ballot keys are final')""",
    """CREATE TRIGGER poll_stays BEFORE DELETE OR TRUNCATE ON poll
       EXECUTE FUNCTION refuse('polls stay')""",
    """CREATE TRIGGER poll_is_final BEFORE UPDATE ON poll FOR EACH ROW
       WHEN (OLD.result IS NOT NULL OR NEW.poll_id IS DISTINCT FROM OLD.poll_id
         OR NEW.log_id IS DISTINCT FROM OLD.log_id OR NEW.manifest IS DISTINCT FROM OLD.manifest
         OR NEW.signatures IS DISTINCT FROM OLD.signatures)
       EXECUTE FUNCTION refuse('a poll changes but once, when its result comes')""",
    """CREATE TRIGGER statement_stays BEFORE DELETE OR TRUNCATE ON statement
       EXECUTE FUNCTION refuse('statements stay')""",
    """CREATE TRIGGER statement_is_final BEFORE UPDATE ON statement FOR EACH ROW
       EXECUTE FUNCTION refuse('statements are final')""",
    """CREATE TRIGGER client_release_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON client_release
       EXECUTE FUNCTION refuse('releases are final')""",
)
"""A ballot key's row may be written as it is, and moves."""

_ARRIVING = {"log_waiting": "log_waiting_pkey", "ballot_key": "ballot_key_pkey"}
"""Tables that PostgreSQL keeps in the order of writing, and the index whose order a sweep gives them."""


def upgrade() -> None:
    """Protect the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in (*POSTGRESQL_GUARDS, *_GUARDS, *sweep_function(_ARRIVING)):
            op.execute(statement)
