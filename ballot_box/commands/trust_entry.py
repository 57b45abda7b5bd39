"""`veche-box trust-entry`."""

import click

from ballot_box.commands.inputs import not_initialised, settings_read
from ballot_box.state import KeysMissing, State
from shared.encoding import b64u, canonical_json


@click.command("trust-entry")
def trust_entry() -> None:
    """Print the ballot box's entry for trust.json."""
    settings = settings_read()
    state = State(settings.state)
    try:
        entry = {
            "catalogue_key": str(state.catalogue_key(settings.url)),
            "statement_key": b64u(state.statement_key()),
            "url": settings.url,
        }
    except KeysMissing as error:
        raise not_initialised(error) from None
    click.echo(canonical_json(entry))
