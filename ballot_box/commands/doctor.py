"""`veche-box doctor`."""

import click

from ballot_box.commands.box import box_opened
from ballot_box.doctor import checks
from shared.doctor import report
from shared.outgoing import http_client


@click.command()
def doctor() -> None:
    """Examine this installation; say what is not in order and what mends it. Exit code 1 then."""
    with http_client() as http:
        report(checks(box_opened(), http))
