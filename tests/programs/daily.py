"""What an operator has of an installation beside its own files: metrics, what commands say, backups."""

import sqlite3
from contextlib import closing
from typing import Final

import httpx

from tests.databases import chosen
from tests.programs.installation import Installation

KEPT: Final = (
    "commands.log",
    "veche-issuer.metrics",
    "veche-box.metrics",
    "issuer.sqlite.backup",
    "box.sqlite.backup",
)
"""The files that this leaves in the folder of an installation on SQLite."""


def daily_round(installation: Installation) -> None:
    """Do once what an operator does each day, while residents vote."""
    for program in ("veche-issuer", "veche-box"):
        shown = httpx.get(installation.start_metrics(program)).raise_for_status()
        (installation.folder / f"{program}.metrics").write_bytes(shown.content)
        installation.attempt(program, "doctor")
    installation.run("veche-issuer", "keys", "list")
    for name in ("issuer", "box") if chosen() == "sqlite" else ():
        path = installation.folder / f"{name}.sqlite"
        with (
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(f"{path}.backup")) as copy,
        ):
            source.backup(copy)
