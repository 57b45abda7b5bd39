"""`veche-issuer operator`."""

from datetime import timedelta

import click

from issuer.admin import acts, officials
from issuer.commands.inputs import opened, with_settings
from issuer.esia.errors import EsiaAnswerInvalid
from issuer.esia.person import parse_snils
from issuer.settings import Settings
from shared.clock import system_clock
from shared.db import connect, write


@click.group()
def operator() -> None:
    """Operators of the region."""


@operator.command("grant")
@click.option("--name", required=True, help="Who it is; officials see it beside their acts.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 1096), help="For how long.")
@click.option("--snils", prompt="SNILS", hide_input=True, help="Better typed than given here.")
@with_settings
def grant_operator(settings: Settings, name: str, days: int, snils: str) -> None:
    """Let a person act for the whole region; they sign in with their ESIA account."""
    now = system_clock()
    try:
        person = opened(settings).official(parse_snils(snils))
    except EsiaAnswerInvalid:
        raise click.ClickException("this is no SNILS: 11 digits with the right check number") from None
    with write(connect(settings.database)) as conn:
        ends_at = now + timedelta(days=days)
        official = officials.grant(conn, person, "operator", name=name, starts_at=now, ends_at=ends_at)
        acts.record(conn, "operator-granted", official.hex(), now, by=None)
    click.echo(f"{name} is an operator until {ends_at:%Y-%m-%d}.")
