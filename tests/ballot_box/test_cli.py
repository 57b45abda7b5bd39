"""The command `veche-box`: what an operator sees."""

import json
import stat

import pytest
from click.testing import CliRunner, Result

from ballot_box.cli import main
from shared.encoding import b64u
from tests.ballot_box.box import BOX_URL, Box

SERVE = ("serve", "--host", "127.0.0.4", "--port", "1")


def run(box: Box, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=box.environment())


def test_init_may_be_repeated_and_keeps_the_key(box: Box) -> None:
    key = box.state.statement_key()
    assert [run(box, "init").exit_code for _ in range(2)] == [0, 0]
    assert box.state.statement_key() == key


def test_keys_are_for_their_owner_alone(box: Box) -> None:
    box.publish()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in box.settings.state.rglob("*.key")}
    assert modes == {0o600}
    assert stat.S_IMODE(box.settings.state.stat().st_mode) == 0o700


def test_the_trust_entry_names_the_box(box: Box) -> None:
    entry = json.loads(run(box, "trust-entry").output)
    assert entry == {
        "catalogue_key": str(box.state.catalogue_key(BOX_URL)),
        "statement_key": b64u(box.state.statement_key()),
        "url": BOX_URL,
    }


@pytest.mark.parametrize("command", [("trust-entry",), ("worker",), SERVE])
def test_before_init_the_command_says_what_to_do(box: Box, command: tuple[str, ...]) -> None:
    (box.settings.state / "statement.key").unlink()
    result = run(box, *command)
    assert result.exit_code == 1
    assert "run veche-box init" in result.output


@pytest.mark.parametrize("command", [("worker",), SERVE])
def test_without_a_trust_root_nothing_runs(box: Box, command: tuple[str, ...]) -> None:
    box.settings.trust.unlink()
    result = run(box, *command)
    assert result.exit_code == 1
    assert "trust.json: No such file" in result.output


@pytest.mark.parametrize("command", [("worker",), SERVE])
def test_a_trust_root_of_another_box_is_refused(box: Box, command: tuple[str, ...]) -> None:
    (box.settings.state / "statement.key").write_bytes(bytes(32))
    result = run(box, *command)
    assert result.exit_code == 1
    assert "names another ballot box" in result.output


def test_a_missing_setting_is_named(box: Box) -> None:
    result = CliRunner().invoke(main, ["init"], env=dict.fromkeys(box.environment()))
    assert result.exit_code == 1
    assert "url: Field required" in result.output
