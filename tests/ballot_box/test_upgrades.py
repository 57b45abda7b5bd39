"""A box is brought from every earlier schema, with ballots in it, to the newest, and starts on no other."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ballot_box.cli import main
from ballot_box.migrations import check_version, upgrade
from ballot_box.tables import metadata
from shared.db import connect, read, write
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.databases import database_url, differences
from tests.upgrades import ANOTHER_RELEASE, claim, fill, newest, next_one

pytestmark = pytest.mark.both_databases

RELEASED = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008_suits_0007"]


@pytest.mark.parametrize("revision", RELEASED)
def test_a_box_of_an_earlier_release_keeps_its_ballots_and_goes_on(
    box: Box, poll: Poll, tmp_path: Path, revision: str
) -> None:
    published, waiting = box.ballot(poll), box.ballot(poll)
    box.cast(poll, published)
    box.worker.step()
    box.watch.now += timedelta(seconds=poll.manifest.batch.longest_wait)
    box.worker.step()
    box.cast(poll, waiting)
    url = database_url(tmp_path / "old.sqlite")
    old = connect(url)
    upgrade(old, revision)
    with read(box.engine) as source, write(old) as target:
        fill(target, source, metadata)
    upgraded = Box(box.folder, box.watch, database=url)
    assert differences(old, metadata) == []
    upgraded.worker.compare()
    assert upgraded.cast(poll, waiting).status_code == 200
    assert upgraded.waiting(poll) == 1
    upgraded.close(poll)
    assert set(upgraded.leaves(poll)[1:-1]) == {published, waiting}


@pytest.mark.parametrize(("version", "says"), ANOTHER_RELEASE)
def test_nothing_starts_on_the_tables_of_another_release(box: Box, version: str, says: str) -> None:
    claim(box.engine, version)
    for command in (["serve", "--host", "127.0.0.1", "--port", "1"], ["worker"]):
        result = CliRunner().invoke(main, command, env=box.environment())
        assert (result.exit_code, says in result.output) == (1, True)


def test_init_leaves_the_tables_of_a_newer_release_alone(box: Box) -> None:
    claim(box.engine, "9999")
    result = CliRunner().invoke(main, ["init"], env=box.environment())
    assert (result.exit_code, "a newer one made them" in result.output) == (1, True)


def test_the_tables_of_the_next_release_are_taken_if_they_suit_this_one(box: Box) -> None:
    claim(box.engine, next_one(newest("ballot_box")))
    check_version(box.engine)
