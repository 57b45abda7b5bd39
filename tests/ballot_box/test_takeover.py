"""Two whole ballot boxes, server and worker each, on one database under load; the leading one is lost."""

import fcntl
import os
import signal
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pytest

from crypto.merkle import Frontier, leaf_hash
from shared.encoding import format_time
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.programs.processes import Processes, command
from tests.watch import Watch

pytestmark = [pytest.mark.scenario, pytest.mark.faults]

HOST = "127.0.0.4"
TAKEOVER_SECONDS, USUAL_SECONDS = 10.0, 2.0
"""From the loss to the next checkpoint, where one usually comes after so many; else in proportion."""


@pytest.fixture
def open_box(tmp_path: Path) -> tuple[Box, Poll]:
    now = datetime.now(UTC).replace(microsecond=0)
    box = Box(tmp_path, Watch(now))
    opens, closes, late = (format_time(now + timedelta(minutes=after)) for after in (-1, 30, 40))
    return box, box.publish(issuance_opens_at=opens, opens_at=opens, closes_at=closes, include_by=late)


def start_worker(box: Box, processes: Processes, name: str, lease: float) -> None:
    environment = box.environment() | {"VECHE_BOX_LEASE": str(lease)}
    processes.start(name, [command("veche-box"), "worker", "--interval", "0.1"], environment)


def wait_until_it_stands_by(processes: Processes, name: str) -> None:
    """The worker has looked at the lease, and another leads."""
    deadline = time.monotonic() + 120
    while b"standing-by" not in processes.log(name).read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Load:
    """Ballots one after another at two servers until told to stop; those that got a receipt.

    One whose reply is lost goes to the other server, as a client repeats it.
    """

    def __init__(self, box: Box, poll: Poll, urls: list[str]) -> None:
        self._box, self._poll, self._urls = box, poll, urls
        self.acknowledged: list[bytes] = []

    def run(self, stopped: Event) -> None:
        path, headers = (
            f"/polls/{self._poll.poll_id.hex()}/ballots",
            {"Content-Type": "application/octet-stream"},
        )
        with httpx.Client(timeout=30) as http:
            while not stopped.is_set():
                ballot = self._box.ballot(self._poll)
                for url in (self._urls[len(self.acknowledged) % 2], *self._urls):
                    with suppress(httpx.TransportError):
                        assert http.post(url + path, content=ballot, headers=headers).status_code == 200
                        self.acknowledged.append(ballot)
                        break
                stopped.wait(0.05)


def grows(box: Box, poll: Poll, seconds: float = 120.0) -> float:
    """Wait for a larger checkpoint; how many seconds it took."""
    start, size = time.monotonic(), box.checkpoint(poll).size
    while box.checkpoint(poll).size == size:
        assert time.monotonic() - start < seconds
        time.sleep(0.05)
    return time.monotonic() - start


def test_when_the_leader_is_killed_the_other_continues_within_ten_seconds_and_nothing_is_lost(
    open_box: tuple[Box, Poll], processes: Processes
) -> None:
    box, poll = open_box
    urls = [processes.serve("veche-box", HOST, box.environment(), f"server-{number}") for number in range(2)]
    load, stopped = Load(box, poll, urls), Event()
    with ThreadPoolExecutor(1) as pool:
        casting: Future[None] = pool.submit(load.run, stopped)
        try:
            start_worker(box, processes, "leader", 5)
            grows(box, poll)
            start_worker(box, processes, "standby", 5)
            wait_until_it_stands_by(processes, "standby")
            usual = grows(box, poll)
            seen = box.checkpoint(poll)
            before = len(load.acknowledged)
            for name in ("leader", "server-0"):
                os.killpg(processes.pid(name), signal.SIGKILL)
            assert grows(box, poll) < TAKEOVER_SECONDS * max(1, usual / USUAL_SECONDS)
            assert len(load.acknowledged) > before
        finally:
            stopped.set()
        casting.result()
    while box.waiting(poll):
        grows(box, poll)
    leaves = box.leaves(poll)
    assert sorted(leaves[1:]) == sorted(load.acknowledged)
    tree = Frontier()
    for leaf in leaves[: seen.size]:
        tree.append(leaf_hash(leaf))
    assert tree.root() == seen.root


def freeze(box: Box, pid: int) -> None:
    """Stop a process outside of its transactions and of publication: it would keep their locks."""
    _stop(pid)
    while not (_may_publish(box) and _may_write(box)):
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.03)
        _stop(pid)


def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.001)


def _may_publish(box: Box) -> bool:
    with (box.settings.state / "publish.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _may_write(box: Box) -> bool:
    """PostgreSQL ends the transaction of one that stands still."""
    if box.engine.dialect.name != "sqlite":
        return True
    database = box.folder / "box.sqlite"
    with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def test_a_leader_that_is_frozen_is_replaced_and_does_no_harm_when_it_resumes(
    open_box: tuple[Box, Poll], processes: Processes
) -> None:
    box, poll = open_box
    start_worker(box, processes, "leader", 1)
    box.http.get("/")
    box.cast(poll, box.ballot(poll))
    usual = grows(box, poll)
    start_worker(box, processes, "standby", 1)
    wait_until_it_stands_by(processes, "standby")
    freeze(box, processes.pid("leader"))
    cast = [box.ballot(poll) for _ in range(3)]
    for ballot in cast[:2]:
        box.cast(poll, ballot)
    assert grows(box, poll) < TAKEOVER_SECONDS * max(1, usual / USUAL_SECONDS)
    os.kill(processes.pid("leader"), signal.SIGCONT)
    wait_until_it_stands_by(processes, "leader")
    box.cast(poll, cast[2])
    grows(box, poll)
    assert sorted(box.leaves(poll)[2:]) == sorted(cast)
    assert not (box.settings.state / "READ-ONLY").exists()
    processes.check_alive()
