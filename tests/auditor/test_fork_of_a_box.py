"""A real box whose operator runs a copy of it: one log key, two histories. Watch and witness notice."""

import base64
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from auditor.evidence import Evidence
from auditor.web import Web
from auditor.witness.cosigner import Cosigner
from auditor.witness.server import WitnessServer
from ballot_box.app import create_app
from crypto.checkpoint import parse_checkpoint
from crypto.merkle import prove_consistency
from crypto.signed_note import VerifierKey, parse_note
from crypto.tiles import subtree_reader
from shared.manifest import Poll
from tests.ballot_box.box import NOON, Box

AUDIT = str(Path(sys.executable).parent / "veche-audit")
pytestmark = pytest.mark.faults


class Front:
    """The address of the box, behind which its operator puts one copy or the other."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.server: BaseWSGIServer = make_server("127.0.0.1", 0, self, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert self.app is not None
        return self.app(environ, start_response)

    def show(self, box: Box) -> None:
        self.app = create_app(box.settings, box.watch)


@pytest.fixture
def front() -> Iterator[Front]:
    front = Front()
    threading.Thread(target=front.server.serve_forever, args=(0.01,), daemon=True).start()
    yield front
    front.server.shutdown()


def _vote(box: Box, poll: Poll, ballots: int) -> None:
    for _ in range(ballots):
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    box.worker.step()
    box.watch.now += timedelta(seconds=2)
    box.worker.step()


def _look(front: Front, poll: Poll, folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [
        AUDIT,
        "watch",
        f"{front.url}/polls/{poll.poll_id.hex()}",
        "--folder",
        str(folder),
        "--rounds",
        "1",
    ]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def _submission(log_url: str, old: int) -> bytes:
    """What a log sends to its witness, made from what it serves."""
    note = httpx.get(f"{log_url}/checkpoint").content
    size = parse_checkpoint(parse_note(note).text).size
    fetch = Web(time.monotonic() + 30)()
    subtree = subtree_reader(size, lambda tile: fetch(f"{log_url}/{tile.path()}", 8192))
    proof = prove_consistency(old, size, subtree) if old else []
    lines = "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)
    return f"old {old}\n{lines}\n".encode() + note


@pytest.mark.attack("A25")
def test_watch_and_witness_notice_a_box_that_forks(front: Front, tmp_path: Path) -> None:
    box = Box(_made(tmp_path / "box"), url=front.url)
    poll = box.publish()
    shutil.copytree(tmp_path / "box", tmp_path / "copy")
    copy = Box(tmp_path / "copy", url=front.url)
    log_url, log_key = poll.manifest.ballot_box.log_url, poll.manifest.ballot_box.log_key
    logs = {log_url.partition("://")[2]: VerifierKey.parse(log_key)}
    cosigner = Cosigner(tmp_path / "witness", "witness.example", logs)
    with WitnessServer(("127.0.0.1", 0), cosigner, lambda: NOON) as witness:
        threading.Thread(target=witness.serve_forever, args=(0.01,), daemon=True).start()
        submit = f"http://127.0.0.1:{witness.server_port}/add-checkpoint"
        front.show(box)
        _vote(box, poll, 2)
        assert "3 leaves" in _look(front, poll, tmp_path / "seen").stdout
        assert httpx.post(submit, content=_submission(log_url, 0)).status_code == 200

        front.show(copy)
        _vote(copy, poll, 4)
        assert httpx.post(submit, content=_submission(log_url, 3)).status_code == 422
        witness.shutdown()
    done = _look(front, poll, tmp_path / "seen")
    assert done.returncode == 1, done.stdout
    evidence = [*(tmp_path / "seen").glob("alarm-*.json"), *(tmp_path / "witness/evidence").iterdir()]
    assert len(evidence) == 2
    for file in evidence:
        assert "does not begin with the 3 leaves" in Evidence.parse(file.read_bytes()).check()
        assert subprocess.run([AUDIT, "diff", str(file)], check=False, capture_output=True).returncode == 1


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
