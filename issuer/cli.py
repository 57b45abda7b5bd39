"""The command `veche-issuer`."""

from typing import Final

import click

from shared.commands import Commands

EXIT_NOT_DELIVERED: Final = 3
"""The ballot box did not answer: the same command is to be repeated."""

COMMANDS: Final = {
    "archive": "issuer.commands.keys:archive",
    "client": "issuer.commands.client:client",
    "doctor": "issuer.commands.doctor:doctor",
    "init": "issuer.commands.init:init",
    "keys": "issuer.commands.keys:keys",
    "metrics": "issuer.commands.metrics:metrics",
    "operator": "issuer.commands.operator:operator",
    "poll": "issuer.commands.poll:poll",
    "residency": "issuer.commands.residency:residency",
    "serve": "issuer.commands.serve:serve",
    "trust-entry": "issuer.commands.trust_entry:trust_entry",
    "worker": "issuer.commands.worker:worker",
}


@click.group(cls=Commands, places=COMMANDS)
def main() -> None:
    """The issuer: who may vote."""
