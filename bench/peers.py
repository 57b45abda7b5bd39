"""Peers in the same run: blindrsa-ts signs, a plain Flask server under gunicorn takes ballots."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ballot_box import store
from bench.casting import EACH, HOST, prepared, requests
from bench.load import drive
from bench.openssl import bare_rate, rsa_rates
from bench.record import VAR
from bench.rows import Row, share
from bench.server import until_ready
from crypto.keys import generate_token_key
from shared.db import connect, read
from shared.encoding import b64u
from tests.interop.test_blindrsa_ts import CLIENT, NODE
from tests.programs.processes import free_port

SIGNATURES: Final = 10


def rows() -> list[Row]:
    """blindrsa-ts issuing, where node is there, and the plain server."""
    return [*_blindrsa(), *_plain()]


def _blindrsa() -> list[Row]:
    """BlindSign (RFC 9474 4.3) by @cloudflare/blindrsa-ts at 3072 bits, on one core."""
    if NODE is None or not (CLIENT / "node_modules").is_dir():
        return []
    request = {"do": "rate", "pkcs8": b64u(generate_token_key(3072)), "times": SIGNATURES}
    done = subprocess.run(
        [NODE, "interop/blindrsa.mjs"],
        cwd=CLIENT,
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    signing, _ = rsa_rates(3072)
    return [share("peer: blindrsa-ts signing, 3072", json.loads(done.stdout)["rate"], "per second", signing)]


def _plain() -> list[Row]:
    ballots = requests()[: EACH // 2]
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    try:
        with _served() as port:
            answers, seconds = drive((HOST, port), ballots, connections=8)
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    assert {answer.status for answer in answers} == {200}
    rate = len(answers) / seconds
    return [share("peer: plain Flask under gunicorn, no receipt", rate, "per second", bare_rate(1))]


@contextmanager
def _served() -> Iterator[int]:
    """gunicorn on core 0 with threads, as its documents advise for work that waits; its port."""
    with tempfile.TemporaryDirectory(dir=VAR) as name:
        folder, port = Path(name), free_port(HOST)
        (folder / "manifest.json").write_bytes(_manifest())
        environment = {
            **os.environ,
            "VECHE_PLAIN_DATABASE": str(folder / "plain.sqlite"),
            "VECHE_PLAIN_MANIFEST": str(folder / "manifest.json"),
        }
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "bench.plain:app", "--threads", "8"]
        argv = ["taskset", "-c", "0", *gunicorn, "--bind", f"{HOST}:{port}", "--log-level", "error"]
        with subprocess.Popen(argv, env=environment) as process:
            try:
                until_ready(f"http://{HOST}:{port}/")
                yield port
            finally:
                process.terminate()


def _manifest() -> bytes:
    poll_id, _ = pickle.loads((prepared() / "ballots").read_bytes())  # noqa: S301 - made by this bench
    with tempfile.TemporaryDirectory(dir=VAR) as name:
        shutil.copytree(prepared(), name, dirs_exist_ok=True)
        with read(connect(f"sqlite:///{name}/box.sqlite")) as conn:
            poll = store.find_poll(conn, poll_id)
    assert poll is not None
    return poll.keys.poll.manifest_bytes
