"""`veche-issuer trust-entry`."""

import click

from issuer.commands.inputs import opened, with_settings
from issuer.keys import KeysMissing
from issuer.settings import Settings
from shared.encoding import b64u, canonical_json


@click.command("trust-entry")
@with_settings
def trust_entry(settings: Settings) -> None:
    """Print this issuer's entry for trust.json."""
    try:
        key = opened(settings).statement_key()
    except KeysMissing as error:
        raise click.ClickException(f"{error} is not there; run veche-issuer init") from None
    entry = {"name": settings.name, "statement_key": b64u(key), "url": settings.url}
    click.echo(canonical_json(entry))
