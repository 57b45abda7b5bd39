"""The console scripts: each command stands where its table says, and none is loaded for another."""

import subprocess
import sys

import click
import pytest

import auditor.cli
import ballot_box.cli
import issuer.cli

SCRIPTS = {"veche-audit": auditor.cli.cli, "veche-box": ballot_box.cli.main, "veche-issuer": issuer.cli.main}
HEAVY = ("alembic", "flask", "granian", "httpx", "pydantic", "sqlalchemy")


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_command_is_found_by_its_name(script: str) -> None:
    group = SCRIPTS[script]
    with click.Context(group) as context:
        names = group.list_commands(context)
        commands = [group.get_command(context, name) for name in names]
    assert len(names) > 5
    assert [command and command.name for command in commands] == names


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_no_command_is_wrong_usage(script: str) -> None:
    group = SCRIPTS[script]
    with pytest.raises(click.UsageError, match="No such command 'vote'"):
        group.main(["vote"], standalone_mode=False)


def test_a_script_by_itself_loads_nothing_heavy() -> None:
    program = "import sys, auditor.cli, ballot_box.cli, issuer.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()).isdisjoint(HEAVY)
