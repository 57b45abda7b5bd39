"""`veche-box doctor`."""

import click
import httpx

from ballot_box.commands.box import box_opened
from ballot_box.doctor import checks
from shared.doctor import report
from shared.tls import machine_trust


@click.command()
def doctor() -> None:
    """Examine this installation; say what is not in order and what mends it. Exit code 1 then."""
    with httpx.Client(verify=machine_trust(), trust_env=False) as http:
        report(checks(box_opened(), http))
