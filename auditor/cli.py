"""`veche-audit`: check a poll from public data, as anybody can."""

import sys

import click

from auditor.commands.diff import diff
from auditor.commands.explain import explain
from auditor.commands.inputs import USAGE_EXIT_CODE
from auditor.commands.mirror import mirror
from auditor.commands.receipt import receipt
from auditor.commands.verify import verify
from auditor.commands.watch import watch
from auditor.commands.witness import witness


@click.group()
def cli() -> None:
    """Check a poll from public data, as anybody can."""


for command in (verify, mirror, diff, watch, witness, receipt, explain):
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
