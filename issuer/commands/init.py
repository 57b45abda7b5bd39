"""`veche-issuer init`."""

import click
from sqlalchemy import make_url

from issuer.commands.inputs import opened, with_settings
from issuer.custody import KekInvalid, SecretUnreadable
from issuer.custody import make_kek as create_kek
from issuer.migrations import upgrade
from issuer.settings import Settings
from issuer.tables import RIGHTS
from shared.db import connect, write
from shared.migrations import WrongVersion
from shared.postgresql import grant


@click.command()
@click.option("--make-kek", is_flag=True, help="Make the file of the key-encryption key, too.")
@with_settings
def init(settings: Settings, *, make_kek: bool) -> None:
    """Make the state directory, the statement key and the database; what is there stays."""
    try:
        if make_kek:
            create_kek(settings)
        held = opened(settings)
        held.create()
        held.statement_seed()
    except (KekInvalid, SecretUnreadable) as error:
        raise click.ClickException(str(error)) from None
    engine = connect(settings.database_owner or settings.database)
    try:
        upgrade(engine)
    except WrongVersion as error:
        raise click.ClickException(f"database: {error}") from None
    role = make_url(settings.database).username
    if settings.database_owner and role:
        with write(engine) as conn:
            grant(conn, role, RIGHTS)
