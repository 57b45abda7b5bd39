"""Changes of the database, run from code by `veche-issuer init`."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from shared.db import write
from shared.postgresql import without_timeout


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a version, the newest by default; nothing happens if it is there."""
    with as_file(files(__package__)) as folder, write(engine) as conn:
        without_timeout(conn)
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
