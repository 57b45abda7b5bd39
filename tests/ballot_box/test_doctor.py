"""`veche-box doctor` on a sound installation, and on each planted misconfiguration."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from ballot_box.cli import main
from ballot_box.doctor import checks
from ballot_box.services import Services, open_services
from shared.clock import system_clock
from shared.doctor import examine
from shared.trust import PATH
from tests.ballot_box.box import Box
from tests.ballot_box.test_sealed import automatically_sealed
from tests.peer import Peer, peer
from tests.running_witness import RunningWitness
from tests.upgrades import claim


@pytest.fixture
def issuer() -> Iterator[Peer]:
    with peer() as server:
        yield server


def services(box: Box, issuer: Peer) -> Services:
    """The box, with its issuer at the peer's address."""
    made = open_services(box.settings, system_clock)
    entry = made.trust.issuers[0].model_copy(update={"url": issuer.url})
    trust = made.trust.model_copy(update={"issuers": (entry,)})
    issuer.bodies[PATH] = trust.to_bytes()
    return replace(made, trust=trust)


def complaints(box: Services) -> dict[str, str]:
    with httpx.Client(trust_env=False) as http:
        return {name: found for name, found in examine(checks(box, http)) if found is not None}


def test_nothing_is_wrong_with_a_sound_box(box: Box, issuer: Peer) -> None:
    box.publish()
    box.worker.step()
    assert complaints(services(box, issuer)) == {}


def read_by_others(box: Box, _issuer: Peer) -> None:
    (box.settings.state / "statement.key").chmod(0o644)


def read_only(box: Box, _issuer: Peer) -> None:
    box.state.stop_writing("log ab: LogRolledBack")


def old_tables(box: Box, _issuer: Peer) -> None:
    claim(box.engine, "0001")


def clock_off(_box: Box, issuer: Peer) -> None:
    issuer.ahead = timedelta(hours=1)


def mark_lost(box: Box, _issuer: Peer) -> None:
    for mark in (box.settings.state / "logs").glob("*.mark"):
        mark.unlink()


def another_log_key(box: Box, _issuer: Peer) -> None:
    for key in (box.settings.state / "logs").glob("*.key"):
        if key.stem != "catalogue":
            key.write_bytes(bytes(32))


def sealing_key_lost(box: Box, _issuer: Peer) -> None:
    box.publish("cd" * 32, **automatically_sealed(box, "cd" * 32))
    for key in (box.settings.state / "logs").glob("*.hpke"):
        key.unlink()


@pytest.mark.parametrize(
    ("plant", "check", "word"),
    [
        (read_by_others, "state folder", "statement.key can be read by others"),
        (read_only, "taking ballots", "read-only"),
        (old_tables, "tables", "version 0001"),
        (clock_off, "clock and", "differ by"),
        (mark_lost, "signed history", "None were signed"),
        (another_log_key, "log keys", "another key"),
        (sealing_key_lost, "sealing keys", "does not open"),
    ],
)
def test_each_planted_fault_is_named(
    box: Box, issuer: Peer, plant: Callable[[Box, Peer], None], check: str, word: str
) -> None:
    box.publish()
    box.worker.step()
    made = services(box, issuer)
    plant(box, issuer)
    found = complaints(made)
    assert [name for name in found if name.startswith(check)], found
    assert any(word in complaint for complaint in found.values())


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"quorum": 2}, "witnesses"),
        ({"client": "http://127.0.0.9:8000"}, "client"),
        ({"url": "http://box.example"}, "public address"),
        ({"reserve": 1 << 60}, "disk"),
    ],
)
def test_each_wrong_setting_is_named(box: Box, issuer: Peer, change: dict[str, object], check: str) -> None:
    made = services(box, issuer)
    assert list(complaints(replace(made, settings=made.settings.model_copy(update=change)))) == [check]


def test_a_witness_is_looked_at_and_one_that_is_away_is_named(tmp_path: Path, issuer: Peer) -> None:
    witness = RunningWitness(tmp_path / "witness")
    box = Box(tmp_path, witnesses=(witness.setting,))
    assert complaints(services(box, issuer)) == {}
    witness.stop()
    assert list(complaints(services(box, issuer))) == ["witness witness.example"]


def test_an_issuer_with_another_trust_root_is_named(box: Box, issuer: Peer) -> None:
    made = services(box, issuer)
    issuer.bodies[PATH] = b"{}"
    assert list(complaints(made)) == [f"trust root of {issuer.url}"]


def test_the_command_prints_what_to_mend_and_ends_with_one(box: Box) -> None:
    result = CliRunner().invoke(main, ["doctor"], env=box.environment())
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "ok    state folder" in result.output
