"""The database of the services."""

import click
from sqlalchemy import Engine

from issuer.migrations import check_version
from issuer.settings import Settings
from shared.db import connect
from shared.migrations import WrongVersion
from shared.postgresql import NotDurable, check_durable


def database(settings: Settings) -> Engine:
    """Of a service that starts: it keeps what it is given, and has the tables of this release."""
    engine = connect(settings.database)
    try:
        check_durable(engine)
        check_version(engine)
    except (NotDurable, WrongVersion) as error:
        raise click.ClickException(f"database: {error}") from None
    return engine
