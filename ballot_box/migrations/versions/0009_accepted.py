"""How many ballots of each poll were accepted: to be held against the mark outside of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0009_suits_0007"
down_revision = "0008_suits_0007"

_GUARDS = {
    "sqlite": (
        """CREATE TRIGGER accepted_stays BEFORE DELETE ON accepted
           BEGIN SELECT RAISE(ABORT, 'what was accepted stays'); END""",
        """CREATE TRIGGER accepted_grows BEFORE UPDATE ON accepted
           WHEN NEW.ballots < OLD.ballots OR NEW.poll_id IS NOT OLD.poll_id
           BEGIN SELECT RAISE(ABORT, 'what was accepted stays'); END""",
    ),
    "postgresql": (
        """CREATE TRIGGER accepted_stays BEFORE DELETE OR TRUNCATE ON accepted
           EXECUTE FUNCTION refuse('what was accepted stays')""",
        """CREATE TRIGGER accepted_grows BEFORE UPDATE ON accepted FOR EACH ROW
           WHEN (NEW.ballots < OLD.ballots OR NEW.poll_id IS DISTINCT FROM OLD.poll_id)
           EXECUTE FUNCTION refuse('what was accepted stays')""",
    ),
}


def upgrade() -> None:
    """Make the table, and count what is there."""
    op.create_table(
        "accepted",
        sa.Column("poll_id", sa.LargeBinary, primary_key=True),
        sa.Column("ballots", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO accepted SELECT poll_id, count(*) FROM ballot_key GROUP BY poll_id")
    for guard in _GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)
