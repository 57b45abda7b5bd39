"""The command `veche-box`."""

from typing import Final

import click

from shared.commands import Commands

COMMANDS: Final = {
    "doctor": "ballot_box.commands.doctor:doctor",
    "export": "ballot_box.commands.files:export_files",
    "init": "ballot_box.commands.init:init",
    "metrics": "ballot_box.commands.metrics:metrics",
    "record": "ballot_box.commands.files:record",
    "serve": "ballot_box.commands.serve:serve",
    "trust-entry": "ballot_box.commands.trust_entry:trust_entry",
    "worker": "ballot_box.commands.worker:worker",
}


@click.group(cls=Commands, places=COMMANDS)
def main() -> None:
    """The ballot box: what was cast."""
