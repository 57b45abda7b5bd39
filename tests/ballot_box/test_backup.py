"""The rehearsal of "Backups" in docs/operations.md: the database is restored, the state folder is newer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from shared.manifest import Poll
from tests.ballot_box.box import Box, refusal
from tests.databases import cluster
from tests.postgresql import Cluster

pytestmark = pytest.mark.faults

READ_ONLY = (503, "box-read-only")


def sequenced(box: Box, poll: Poll, ballots: int) -> list[bytes]:
    """So many ballots, acknowledged and published."""
    cast = [box.ballot(poll) for _ in range(ballots)]
    assert {box.cast(poll, ballot).status_code for ballot in cast} == {200}
    box.worker.step()
    box.watch.now += timedelta(seconds=poll.manifest.batch.longest_wait)
    box.worker.step()
    return cast


@dataclass
class Archived:
    """A box on a server that archives its write-ahead log, and its base backup."""

    server: Cluster
    box: Box
    poll: Poll

    def lose_and_restore(self, *, with_log: bool) -> Box:
        """The data are gone; the base backup takes their place; what was archived since is played, or not."""
        self.box.engine.dispose()
        self.server.stop(immediately=True)
        folder = self.server.folder
        self.server.run(["rm", "-rf", str(self.server.data)])
        self.server.run(["cp", "-a", str(folder / "base"), str(self.server.data)])
        if with_log:
            self.server.run(["touch", str(self.server.data / "recovery.signal")])
        self.server.start()
        return Box(self.box.folder, self.box.watch, database=self.box.settings.database)


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    commands = (
        "archive_command=cp %p ../wal/%f.part && mv ../wal/%f.part ../wal/%f",
        "restore_command=cp ../wal/%f %p",
    )
    server = Cluster(cluster().bin, ["archive_mode=on", *commands])
    try:
        server.run(["mkdir", str(server.folder / "wal")])
        server.execute("CREATE DATABASE box")
        box = Box(tmp_path, database=server.url("box"))
        poll = box.publish()
        sequenced(box, poll, 2)
        server.command("pg_basebackup", "--checkpoint=fast", f"--pgdata={server.folder / 'base'}")
        yield Archived(server, box, poll)
    finally:
        server.remove()


@pytest.mark.postgres
def test_base_backup_and_archived_log_bring_back_all_that_was_acknowledged(archived: Archived) -> None:
    published = archived.box.leaves(archived.poll)
    later = sequenced(archived.box, archived.poll, 3)
    waiting = archived.box.ballot(archived.poll)
    archived.box.cast(archived.poll, waiting)
    archived.server.archive()
    box = archived.lose_and_restore(with_log=True)
    box.worker.compare()
    assert box.cast(archived.poll, box.ballot(archived.poll)).status_code == 200
    box.close(archived.poll)
    leaves = box.leaves(archived.poll)
    assert leaves[:3] == published
    assert {*later, waiting} <= set(leaves)


@pytest.mark.postgres
def test_a_base_backup_alone_is_behind_what_was_signed_and_takes_nothing(archived: Archived) -> None:
    sequenced(archived.box, archived.poll, 1)
    box = archived.lose_and_restore(with_log=False)
    assert refusal(box.cast(archived.poll, box.ballot(archived.poll))) == READ_ONLY
    assert "were signed" in (box.settings.state / "READ-ONLY").read_text()


@pytest.mark.sqlite
def test_a_backup_of_sqlite_is_made_while_the_box_works(box: Box, poll: Poll) -> None:
    acknowledged, copy = sequenced(box, poll, 2), box.folder / "copy.sqlite"

    def cast_meanwhile(*_: int) -> None:
        if len(acknowledged) < 5:
            acknowledged.append(_cast(box, poll))

    live = box.folder / "box.sqlite"
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target, pages=10, progress=cast_meanwhile)
    restored = Box(box.folder, box.watch, database=f"sqlite:///{copy}")
    restored.worker.compare()
    restored.close(poll)
    assert len(acknowledged) == 5
    assert set(acknowledged) <= set(restored.leaves(poll))


def _cast(box: Box, poll: Poll) -> bytes:
    ballot = box.ballot(poll)
    assert box.cast(poll, ballot).status_code == 200
    return ballot
