"""The console scripts: each command stands where its table says, and none is loaded for another."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import auditor.cli
import ballot_box.cli
import issuer.cli
from shared.commands import check_user

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


def test_the_state_folder_of_ones_own_is_worked_on(tmp_path: Path) -> None:
    check_user(tmp_path)
    check_user(tmp_path / "not made yet")


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root cannot give a folder away")
def test_root_makes_no_files_in_the_state_folder_of_a_service(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, -1)
    with pytest.raises(click.ClickException, match=r"belongs to nobody.* Run the command as nobody"):
        check_user(tmp_path)
