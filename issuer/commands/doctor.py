"""`veche-issuer doctor`."""

import click

from issuer.commands.inputs import opened, trust_root, with_settings
from issuer.doctor import Installation, checks
from issuer.settings import Settings
from shared.clock import system_clock
from shared.db import connect
from shared.doctor import report
from shared.outgoing import http_client


@click.command()
@with_settings
def doctor(settings: Settings) -> None:
    """Examine this installation; say what is not in order and what mends it. Exit code 1 then."""
    with http_client() as http:
        engine, trust = connect(settings.database), trust_root(settings)
        report(checks(Installation(settings, engine, opened(settings), trust, system_clock, http)))
