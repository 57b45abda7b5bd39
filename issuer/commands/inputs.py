"""What every command reads first, and what an operator is told where it is not in order."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import click
from pydantic import ValidationError

from issuer.custody import KekInvalid
from issuer.hsm import HsmUnavailable
from issuer.keys import KeyStore, open_keys
from issuer.settings import Settings, read_settings
from shared.commands import check_user
from shared.manifest import describe
from shared.trust import TrustInvalid, TrustRoot, parse_trust

Rest = ParamSpec("Rest")


def with_settings(command: Callable[Concatenate[Settings, Rest], None]) -> Callable[Rest, None]:
    """Hand the settings of the environment to a command."""

    @wraps(command)
    def read_first(*args: Rest.args, **kwargs: Rest.kwargs) -> None:
        try:
            settings = read_settings()
        except ValidationError as error:
            raise click.ClickException(f"settings VECHE_ISSUER_...: {describe(error)}") from None
        command(settings, *args, **kwargs)

    return read_first


def opened(settings: Settings) -> KeyStore:
    """The keys of an installation."""
    check_user(settings.state)
    try:
        return open_keys(settings)
    except (KekInvalid, HsmUnavailable) as error:
        raise click.ClickException(str(error)) from None


def trust_root(settings: Settings) -> TrustRoot:
    """The trust root that the settings name."""
    try:
        return parse_trust(settings.trust.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{settings.trust}: {error.strerror}") from None
    except TrustInvalid as error:
        raise click.ClickException(f"{settings.trust}: {error}") from None
