"""`veche-audit`: check a poll from public data, as anybody can."""

import sys
from typing import Final

import click

from shared.commands import Commands

USAGE_EXIT_CODE: Final = 64
"""sysexits.h EX_USAGE."""

INCONCLUSIVE_EXIT_CODE: Final = 2
"""Also where a file cannot be written: then nothing is told."""

COMMANDS: Final = ("verify", "mirror", "diff", "watch", "witness", "receipt", "explain")


@click.group(cls=Commands, places={name: f"auditor.commands.{name}:{name}" for name in COMMANDS})
def cli() -> None:
    """Check a poll from public data, as anybody can."""


def main() -> None:
    """Run the command line; wrong usage exits with 64."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE_EXIT_CODE)
    except OSError as error:
        click.echo(f"{error.filename or 'a file'}: {error.strerror}", err=True)
        sys.exit(INCONCLUSIVE_EXIT_CODE)
    except click.Abort:
        sys.exit(130)
