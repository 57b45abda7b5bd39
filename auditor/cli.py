"""`veche-audit`: check a poll from public data, as anybody can."""

import sys
from importlib import import_module
from typing import Final

import click

USAGE_EXIT_CODE: Final = 64
"""sysexits.h EX_USAGE."""

INCONCLUSIVE_EXIT_CODE: Final = 2
"""Also where a file cannot be written: then nothing is told."""

COMMANDS: Final = ("verify", "mirror", "diff", "watch", "witness", "receipt", "explain")


class _Commands(click.Group):
    """Each command stands in a module of its name, which is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"auditor.commands.{cmd_name}"), cmd_name)
        return command


@click.group(cls=_Commands)
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
