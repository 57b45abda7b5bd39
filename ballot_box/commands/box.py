"""The ballot box of the settings."""

import click

from ballot_box.commands.inputs import not_initialised, settings_read
from ballot_box.migrations import check_version
from ballot_box.services import Services, open_services
from ballot_box.state import KeysMissing
from shared.clock import system_clock
from shared.migrations import WrongVersion
from shared.postgresql import NotDurable, check_durable
from shared.trust import TrustInvalid


def box_opened() -> Services:
    """Its keys, database and trust root."""
    settings = settings_read()
    try:
        return open_services(settings, system_clock)
    except KeysMissing as error:
        raise not_initialised(error) from None
    except OSError as error:
        raise click.ClickException(f"{settings.trust}: {error.strerror}") from None
    except TrustInvalid as error:
        raise click.ClickException(f"{settings.trust}: {error}") from None


def check_database(box: Services) -> None:
    """Of a service that starts: it keeps what it is given, and has the tables of this release."""
    try:
        check_durable(box.engine)
        check_version(box.engine)
    except (NotDurable, WrongVersion) as error:
        raise click.ClickException(f"database: {error}") from None
