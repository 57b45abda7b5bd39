"""Commands of a console script, each loaded when it is asked for: none waits for what another one needs.

They run as the user of their service, who has to read what they write.
"""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click


class Commands(click.Group):
    """A group of commands by name; where each stands is told as `module:attribute`."""

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, as `--help` tells them."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in self._places:
            return None
        module, _, attribute = self._places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


def check_user(state: Path) -> None:
    """Root does not work on the state folder of a service, which could not read the keys that it makes.

    Raises ClickException. Any other user who is not the owner is stopped by the file system itself.
    """
    if os.geteuid() == 0 and state.exists() and state.stat().st_uid != 0:
        raise click.ClickException(
            f"{state} belongs to {(owner := owner_of(state))}, who could not read what root writes there. "
            f'Run the command as {owner} (docs/operations.md, "Commands").'
        )


def owner_of(path: Path) -> str:
    """The name of the user whose a file is; the number where there is no name."""
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"
