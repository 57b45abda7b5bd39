"""`veche-audit`: check a poll from public data, as anybody can."""

import sys

import click

from auditor.commands.inputs import USAGE_EXIT_CODE
from auditor.commands.mirror import mirror
from auditor.commands.verify import verify
from auditor.commands.witness import witness


@click.group()
def cli() -> None:
    """Check a poll from public data, as anybody can."""


for command in (verify, mirror, witness):
    cli.add_command(command)


def main() -> None:
    """Run the command line; wrong usage exits with 64."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE_EXIT_CODE)
    except click.Abort:
        sys.exit(130)
