"""`veche-box init`."""

import click
from sqlalchemy import make_url

from ballot_box.catalogue import create_catalogue
from ballot_box.commands.inputs import settings_read
from ballot_box.migrations import upgrade
from ballot_box.state import State
from ballot_box.tables import RIGHTS
from shared.db import connect, write
from shared.migrations import WrongVersion
from shared.postgresql import grant


@click.command()
def init() -> None:
    """Make the state directory, the keys and the database; what is there stays."""
    settings = settings_read()
    State(settings.state).create()
    engine = connect(settings.database_owner or settings.database)
    try:
        upgrade(engine)
    except WrongVersion as error:
        raise click.ClickException(f"database: {error}") from None
    with write(engine) as conn:
        create_catalogue(conn)
        role = make_url(settings.database).username
        if settings.database_owner and role:
            grant(conn, role, RIGHTS)
