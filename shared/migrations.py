"""The version of a service's tables: its migrations bring a database to one, its programs need the newest.

Programs of the release before may go on, and start, on newer tables whose version says that they suit:
`0009_suits_0008` suits all that know version 0008 (docs/adr/0019).
"""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.db import read, write
from shared.postgresql import without_timeout


class WrongVersion(Exception):
    """The tables are of another release, or out of reach: what was found, and what to do."""

    def __str__(self) -> str:
        return ". ".join(self.args)


def upgrade(engine: Engine, revision: str = "head", *, package: str) -> None:
    """Bring a database to a version of a package of migrations; nothing happens if it is there.

    Raises WrongVersion when a newer release has made its tables.
    """
    with as_file(files(package)) as folder:
        if there := _version(engine):
            _check_known(there, ScriptDirectory(str(folder)))
        with write(engine) as conn:
            without_timeout(conn)
            config = Config()
            config.set_main_option("script_location", str(folder))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = conn
            command.upgrade(config, revision)


def check_version(engine: Engine, *, package: str) -> None:
    """Check that a database has the newest tables of a package of migrations, or newer ones that suit it.

    Raises WrongVersion.
    """
    there = _version(engine)
    if there is None:
        raise WrongVersion("there are no tables", "Run init.")
    with as_file(files(package)) as folder:
        script = ScriptDirectory(str(folder))
        newest, known = script.get_current_head(), _known(script)
        if there.partition("_suits_")[2] not in {_number(revision) for revision in known}:
            _check_known(there, script)
    if there in known and there != newest:
        raise WrongVersion(f"the tables are at version {there}, not {newest}", "Run init of this release.")


def _check_known(there: str, script: ScriptDirectory) -> None:
    if there not in _known(script):
        raise WrongVersion(
            f"the tables are at version {there}, which this release does not know: a newer one made them",
            "Start that one; the way back is a backup.",
        )


def _number(revision: str) -> str:
    """The version without those that it suits."""
    return revision.partition("_")[0]


def _known(script: ScriptDirectory) -> set[str]:
    return {migration.revision for migration in script.walk_revisions()}


def _version(engine: Engine) -> str | None:
    try:
        with read(engine) as conn:
            return MigrationContext.configure(conn).get_current_revision()
    except SQLAlchemyError as error:
        raise WrongVersion(
            f"the database does not answer ({type(error).__name__})",
            "Start it; see its log; look at the owner of its file.",
        ) from None
