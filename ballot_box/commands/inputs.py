"""The settings, and what an operator is told where something is not in order."""

import click
from pydantic import ValidationError

from ballot_box.settings import Settings, read_settings
from ballot_box.state import KeysMissing
from shared.commands import check_user
from shared.manifest import describe


def settings_read() -> Settings:
    """The settings of the environment."""
    try:
        settings = read_settings()
    except ValidationError as error:
        raise click.ClickException(f"settings VECHE_BOX_...: {describe(error)}") from None
    check_user(settings.state)
    return settings


def not_initialised(error: KeysMissing) -> click.ClickException:
    """Keys are missing."""
    return click.ClickException(f"{error} is not there; run veche-box init")
