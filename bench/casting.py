"""Casting over HTTP with full sync: the server on core 0, the load on core 1."""

import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from ballot_box.migrations import upgrade
from bench.load import Answer, drive, percentile
from bench.openssl import bare_rate
from bench.record import VAR, ballots_of
from bench.rows import QUICK, Row, best, share
from bench.server import Server, served
from crypto.keys import generate_token_key, public_key_of
from shared.db import connect
from shared.encoding import b64u
from shared.manifest import build_manifest
from tests.ballot_box.box import Box, poll_members
from tests.watch import Watch

HOST: Final = "127.0.0.4"
EACH: Final = 1500 if QUICK else 6000
CONNECTIONS: Final = 64
ROUNDS: Final = 3
GROUPED: Final = "ballot_box.asgi:app"
SINGLE: Final = "bench.single:app"


@cache
def prepared() -> Path:
    """A folder with a box, a poll of RSA-3072 that is open for a year, and its ballots; made once."""
    folder = VAR / f"casting-{EACH}"
    if not folder.exists():
        _prepare(folder)
    engine = connect(f"sqlite:///{folder / 'box.sqlite'}")
    upgrade(engine)
    engine.dispose()
    return folder


def _prepare(folder: Path) -> None:
    making = folder.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    key, now = generate_token_key(3072), datetime.now(UTC).replace(microsecond=0)
    box = Box(making, Watch(now))
    members = poll_members(box.ask_log().get_json(), now)
    for name in ("closes_at", "include_by"):
        members[name] = (now + timedelta(days=365, hours=name == "include_by")).strftime("%Y-%m-%dT%H:%M:%SZ")
    members["issuers"][0]["token_key"] = b64u(public_key_of(key).der)
    poll = build_manifest(members)
    assert box.put(poll).status_code == 201
    parts = [100] * (3 * EACH // 100)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(ballots_of, [poll.manifest_bytes] * len(parts), [key] * len(parts), parts)
        ballots = [ballot for part in made for ballot in part]
    (making / "ballots").write_bytes(pickle.dumps((poll.poll_id, ballots)))
    box.engine.dispose()
    making.rename(folder)


@contextmanager
def server(target: str, interface: str, database: str = "") -> Iterator[Server]:
    """A fresh box behind granian on core 0, with the prepared database or another."""
    with tempfile.TemporaryDirectory(dir=VAR) as name:
        shutil.copytree(prepared(), name, dirs_exist_ok=True)
        with served(
            HOST, target, interface, Box(Path(name), database=database).environment(), threads=24
        ) as started:
            yield started


def requests() -> list[bytes]:
    """The prepared ballots as HTTP requests, each of them once."""
    poll_id, ballots = pickle.loads((prepared() / "ballots").read_bytes())  # noqa: S301
    head = f"POST /polls/{poll_id.hex()}/ballots HTTP/1.1\r\nHost: {HOST}\r\n"
    kind = "Content-Type: application/octet-stream\r\n"
    return [f"{head}{kind}Content-Length: {len(b)}\r\n\r\n".encode() + b for b in ballots]


def _accepted(answers: list[Answer]) -> list[Answer]:
    assert {answer.status for answer in answers} <= {200, 503}
    return [answer for answer in answers if answer.status == 200]


def capacity(address: tuple[str, int], ballots: list[bytes]) -> float:
    """Ballots a second."""
    answers, seconds = drive(address, ballots, connections=CONNECTIONS)
    return len(_accepted(answers)) / seconds


def _round(address: tuple[str, int], ballots: list[bytes]) -> tuple[float, float]:
    """Ballots a second, and the bare limit before and after."""
    limit = bare_rate(1)
    rate = capacity(address, ballots)
    return rate, (limit + bare_rate(1)) / 2


def _latency(address: tuple[str, int], ballots: list[bytes], rate: float) -> float:
    """The time in seconds below which 99 of 100 answers come at this rate."""
    answers, _ = drive(address, ballots, connections=CONNECTIONS, rate=rate)
    return percentile(answers, 0.99)


def rows() -> list[Row]:
    """Capacity, the share of the bare limit, beside one transaction per ballot, latency, overload."""
    ballots = requests()
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    try:
        with server(SINGLE, "wsgi") as one:
            answers, seconds = drive((HOST, one.port), ballots[: EACH // 2], connections=8)
            single = len(_accepted(answers)) / seconds
        with server(GROUPED, "asgi") as box:
            address, before = (HOST, box.port), box.seconds
            peak, limit = best(_round(address, ballots[at:EACH:ROUNDS]) for at in range(ROUNDS))
            spent, memory = box.seconds - before, box.megabytes
            calm = [ballots[EACH + at : 2 * EACH : ROUNDS] for at in range(ROUNDS)]
            p99 = sorted(_latency(address, part, 0.7 * peak) for part in calm)[ROUNDS // 2]
            crowd, seconds = drive(address, ballots[2 * EACH :], connections=5 * CONNECTIONS, rate=2 * peak)
            again, _ = drive(address, ballots[:200], connections=8)
            later = box.megabytes
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    held = len(_accepted(crowd)) / seconds
    refused = [answer for answer in crowd if answer.status == 503]
    assert len(_accepted(again)) == 200
    result = [
        share("casting over HTTP, full sync", peak, "per second", limit, 0.20),
        share("casting, one transaction per ballot", single, "per second", limit),
        share("casting, grouped against one by one", peak, "per second", single, 2.0),
        Row("casting, p99 at 70%", p99 * 1000, "ms", 100, p99 * 10, 1.0, most=True),
        share("casting at twice its capacity, accepted", held, "per second", peak, 0.8),
        Row("casting, processor time of the server", spent / EACH * 1e6, "us a ballot"),
        Row(
            f"casting, memory after {3 * EACH} ballots against {EACH}",
            later,
            "MB",
            memory,
            later / memory,
            1.2,
            most=True,
        ),
        Row("casting at twice its capacity, refused", len(refused) / len(crowd), "of requests"),
    ]
    if refused:
        median = percentile(refused, 0.5) * 1000
        result.append(Row("casting at twice its capacity, a refusal takes (p50)", median, "ms"))
    return result
