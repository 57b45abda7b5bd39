"""Two machines of one box: what the shared state folder gives, and what folders of their own would cost."""

import shutil
from pathlib import Path

import pytest

from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.ballot_box.test_read_only import backup, restore, sequence

pytestmark = pytest.mark.faults


def machine(box: Box, state: Path) -> Box:
    """A second machine of the box on its database, with this state folder."""
    return Box(state.parent, box.watch, database=str(box.members()["database"]))


def copied(box: Box, folder: Path, *, marks: bool) -> Path:
    """A copy of the state folder for another machine."""
    skipped = () if marks else ("*.mark",)
    return Path(
        shutil.copytree(box.settings.state, folder / "state", ignore=shutil.ignore_patterns(*skipped))
    )


def publish(box: Box, poll: Poll) -> bytes:
    """Cast a ballot and have it published by this box's worker; the ballot."""
    ballot = box.ballot(poll)
    assert box.cast(poll, ballot).status_code == 200
    sequence(box, poll)
    return ballot


def test_who_takes_over_with_the_same_folder_extends_what_the_one_before_signed(
    box: Box, poll: Poll, tmp_path: Path
) -> None:
    first = publish(box, poll)
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "state").symlink_to(box.settings.state)
    second = machine(box, tmp_path / "second" / "state")
    assert set(second.leaves(poll)[1:]) == {first}
    last = publish(second, poll)
    assert second.leaves(poll)[1:] == [first, last]
    assert not second.state.is_read_only()


def test_who_takes_over_with_a_folder_without_marks_signs_nothing(
    box: Box, poll: Poll, tmp_path: Path
) -> None:
    publish(box, poll)
    second = machine(box, copied(box, tmp_path / "second", marks=False))
    signed = box.checkpoint(poll)
    second.worker.step()
    assert second.state.is_read_only()
    assert "mark is lost" in (second.settings.state / "READ-ONLY").read_text()
    assert box.checkpoint(poll) == signed


def test_who_takes_over_with_an_older_mark_extends_what_is_published(
    box: Box, poll: Poll, tmp_path: Path
) -> None:
    state = copied(box, tmp_path / "second", marks=True)
    first = publish(box, poll)
    second = machine(box, state)
    last = publish(second, poll)
    assert second.leaves(poll)[1:] == [first, last]
    assert not second.state.is_read_only()


def test_with_an_older_mark_nobody_but_a_witness_notices_a_database_that_was_put_back(
    box: Box, poll: Poll, tmp_path: Path
) -> None:
    state, old = copied(box, tmp_path / "second", marks=True), backup(box)
    publish(box, poll)
    signed = box.checkpoint(poll)
    restore(box, old)
    second = machine(box, state)
    publish(second, poll)
    forked = second.checkpoint(poll)
    assert (forked.size, forked.root == signed.root) == (signed.size, False)
