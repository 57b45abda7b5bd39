"""A real box whose operator runs a copy of it: one log key, two histories. Watch and witness notice."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.databases import back_up, restore
from tests.front import Front
from tests.programs.processes import command

AUDIT = command("veche-audit")
pytestmark = pytest.mark.faults


def _vote(box: Box, poll: Poll, ballots: int) -> None:
    for _ in range(ballots):
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    box.worker.step()
    box.watch.now += timedelta(seconds=2)
    box.worker.step()


def _look(front: Front, poll: Poll, trust: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [
        AUDIT,
        "watch",
        f"{front.url}/polls/{poll.poll_id.hex()}",
        "--folder",
        str(folder),
        "--trust",
        str(trust),
        "--rounds",
        "1",
    ]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@contextmanager
def _witness(folder: Path, trust: Path) -> Iterator[str]:
    """A witness that knows the trust root; as a box's setting names it: verifier key and URL."""
    argv = [AUDIT, "witness", str(folder), "--name", "witness.example", "--port", "0", "--trust", str(trust)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        key, url = (process.stdout.readline().strip() for _ in range(2))
        try:
            yield f"{key} {url}"
        finally:
            process.terminate()


@pytest.mark.attack("A25")
def test_watch_and_witness_notice_a_box_that_forks(front: Front, tmp_path: Path) -> None:
    trust = Box(_made(tmp_path / "box"), url=front.url).settings.trust
    with _witness(tmp_path / "witness", trust) as witness:
        box = Box(tmp_path / "box", url=front.url, witnesses=(witness,))
        front.show(box)
        poll = box.publish()
        backup = back_up(tmp_path / "box" / "box.sqlite")
        shutil.copytree(tmp_path / "box", tmp_path / "copy")
        restore(backup, tmp_path / "copy" / "box.sqlite")
        _vote(box, poll, 2)
        seen = _look(front, poll, trust, tmp_path / "seen").stdout
        assert f"{poll.manifest.ballot_box.log_url}: 3 leaves" in seen
        assert f"{front.url}/log/catalogue: 1 leaves" in seen

        copy = Box(tmp_path / "copy", url=front.url, witnesses=(witness,))
        front.show(copy)
        _vote(copy, poll, 4)
        assert "1 leaves" in _look(front, poll, trust, tmp_path / "elsewhere").stdout
    without = Box(tmp_path / "copy", url=front.url)
    without.worker.step()
    front.show(without)
    done = _look(front, poll, trust, tmp_path / "seen")
    assert done.returncode == 1, done.stdout
    evidence = [*(tmp_path / "seen").glob("alarm-*.json"), *(tmp_path / "witness/evidence").iterdir()]
    assert len(evidence) == 2
    for file in evidence:
        found = subprocess.run([AUDIT, "diff", str(file)], check=False, capture_output=True, text=True)
        assert "does not begin with the 3 leaves" in found.stdout
        assert found.returncode == 1


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
