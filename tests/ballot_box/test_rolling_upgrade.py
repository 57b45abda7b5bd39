"""Two releases side by side on one database, box after box upgraded while ballots are cast."""

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from shared.encoding import format_time
from shared.trust import PATH
from tests.ballot_box.box import Box
from tests.ballot_box.test_takeover import Load, grows
from tests.programs.installation import REPOSITORY
from tests.programs.processes import Processes, command, free_port
from tests.upgrades import newest, next_one
from tests.watch import Watch

pytestmark = [pytest.mark.scenario, pytest.mark.faults]

HOST: Final = "127.0.0.4"
MIGRATION: Final = '''
"""What a release may do to the tables that the one before works on: add."""

import sqlalchemy as sa
from alembic import op

revision = "{}"
down_revision = "{}"


def upgrade() -> None:
    op.add_column("poll", sa.Column("remark", sa.String))
    op.create_table("remark", sa.Column("poll_id", sa.LargeBinary, primary_key=True))
'''


def next_release(folder: Path) -> dict[str, str]:
    """The sources of today with one more migration, in a folder; the environment that runs them."""
    for package in ("crypto", "shared", "ballot_box"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    before = newest("ballot_box")
    versions = folder / "ballot_box" / "migrations" / "versions"
    (versions / "9999_remarks.py").write_text(MIGRATION.format(next_one(before), before))
    return {"PYTHONPATH": str(folder)}


@dataclass
class Site:
    """Two servers and a worker of a box, each of one release or the other."""

    box: Box
    processes: Processes

    def __post_init__(self) -> None:
        self.ports = {name: free_port(HOST) for name in ("server-0", "server-1")}

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    def start(self, name: str, release: dict[str, str]) -> None:
        environment = self.box.environment() | {"VECHE_BOX_LEASE": "5"} | release
        if name == "worker":
            argv = ["worker", "--interval", "0.1"]
        else:
            argv = ["serve", "--host", HOST, "--port", str(self.ports[name])]
        self.processes.start(name, [command("veche-box"), *argv], environment)
        if name != "worker":
            self.processes.wait_until_ready(name, self.url(name) + PATH)

    def restart(self, name: str, release: dict[str, str]) -> None:
        self.processes.stop(name)
        self.start(name, release)


@pytest.fixture
def under_load(tmp_path: Path, processes: Processes) -> Callable[[Callable[[Site], None]], None]:
    """Does something with a site while ballots are cast at both servers, and counts them afterwards."""
    now = datetime.now(UTC).replace(microsecond=0)
    box = Box(tmp_path, Watch(now))
    opens, closes, late = (format_time(now + timedelta(minutes=after)) for after in (-1, 30, 40))
    poll = box.publish(issuance_opens_at=opens, opens_at=opens, closes_at=closes, include_by=late)
    site, stopped = Site(box, processes), Event()
    load = Load(box, poll, [site.url("server-0"), site.url("server-1")])

    def run(what: Callable[[Site], None]) -> None:
        for name in ("server-0", "server-1", "worker"):
            site.start(name, {})
        with ThreadPoolExecutor(1) as pool:
            casting = pool.submit(load.run, stopped)
            try:
                what(site)
                grows(box, poll)
            finally:
                stopped.set()
            casting.result()
        while box.waiting(poll):
            grows(box, poll)
        assert len(load.acknowledged) > 20
        assert sorted(box.leaves(poll)[1:]) == sorted(load.acknowledged)
        processes.check_alive()

    return run


def test_two_releases_work_side_by_side_and_the_newer_is_taken_back_and_no_acknowledged_ballot_is_lost(
    under_load: Callable[[Callable[[Site], None]], None], tmp_path: Path
) -> None:
    release = next_release(tmp_path / "next")

    def upgrade(site: Site) -> None:
        environment = os.environ | site.box.environment() | release
        subprocess.run([command("veche-box"), "init"], env=environment, check=True)
        site.restart("server-0", {})
        site.restart("server-1", release)
        site.restart("worker", release)
        site.restart("worker", {})

    under_load(upgrade)
