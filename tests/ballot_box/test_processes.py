"""Real processes: two servers and a worker on one database, over real HTTP."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crypto import ballot_signature
from shared.ballot import MAX_BALLOT_SIZE, decode_ballot
from shared.encoding import b64u, format_time
from shared.manifest import Poll
from shared.trust import PATH
from tests.ballot_box.box import Box
from tests.programs.processes import Processes, command, free_port
from tests.simulator import ANSWERS, Election
from tests.watch import Watch

pytestmark = pytest.mark.scenario

HOST = "127.0.0.4"
BALLOTS = 50


@dataclass
class Installed:
    """Two servers and a worker of one box, with a poll that is open now."""

    box: Box
    poll: Poll
    urls: list[str]
    http: httpx.Client

    def cast(self, ballot: bytes, number: int = 0) -> httpx.Response:
        """Send a ballot to one of the two servers."""
        url = f"{self.urls[number % 2]}/polls/{self.poll.poll_id.hex()}/ballots"
        return self.http.post(url, content=ballot, headers={"Content-Type": "application/octet-stream"})

    def cast_all(self, ballots: list[bytes]) -> list[httpx.Response]:
        """All at once, alternating between the two."""
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(self.cast, ballots, range(len(ballots))))


@pytest.fixture
def installed(tmp_path: Path, processes: Processes) -> Iterator[Installed]:
    now = datetime.now(UTC).replace(microsecond=0)
    box = Box(tmp_path, Watch(now))
    times = (now - timedelta(minutes=1), now + timedelta(minutes=30), now + timedelta(minutes=40))
    opens, closes, include_by = map(format_time, times)
    poll = box.publish(issuance_opens_at=opens, opens_at=opens, closes_at=closes, include_by=include_by)
    urls = [processes.serve("veche-box", HOST, box.environment(), f"box-{number}") for number in range(2)]
    processes.start("worker", [command("veche-box"), "worker", "--interval", "0.1"], box.environment())
    # A connection too many is not closed: httpcore may do so while another thread reads from it.
    with httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=None)) as http:
        yield Installed(box, poll, urls, http)


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.both_databases
def test_50_different_ballots_of_one_key_at_two_processes_are_one(installed: Installed) -> None:
    box, poll, key = installed.box, installed.poll, ballot_signature.generate()
    token = (Election(poll).token(ballot_signature.public_bytes(key)),)
    ballots = [box.ballot(poll, ANSWERS[n % 4], key=key, tokens=token) for n in range(BALLOTS)]
    statuses = [answer.status_code for answer in installed.cast_all(ballots)]
    assert (statuses.count(200), statuses.count(409)) == (1, BALLOTS - 1)
    _until(lambda: box.checkpoint(poll).size == 2)
    assert box.leaves(poll)[1] == ballots[statuses.index(200)]


def test_ballots_cast_at_two_processes_at_once_are_all_in_the_log(installed: Installed) -> None:
    box, poll = installed.box, installed.poll
    ballots = [box.ballot(poll, ANSWERS[n % 4]) for n in range(20)]
    answers = installed.cast_all(ballots * 3)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == len(ballots)
    _until(lambda: box.checkpoint(poll).size == 1 + len(ballots))
    assert sorted(box.leaves(poll)[1:]) == sorted(ballots)


def test_a_chunked_ballot_is_read_and_one_too_large_is_refused(installed: Installed) -> None:
    url = f"{installed.urls[0]}/polls/{installed.poll.poll_id.hex()}/ballots"
    headers = {"Content-Type": "application/octet-stream"}
    ballot = installed.box.ballot(installed.poll)
    assert installed.http.post(url, content=iter([ballot]), headers=headers).status_code == 200
    for size in (MAX_BALLOT_SIZE + 1, 10 * MAX_BALLOT_SIZE):
        for content in (bytes(size), iter([bytes(1000)] * (size // 1000 + 1))):
            answer = installed.http.post(url, content=content, headers=headers)
            assert answer.status_code == 413
            assert answer.json()["type"] == "urn:veche:problem:too-large"


@pytest.mark.attack("A26")
def test_a_declared_size_is_refused_before_the_body_is_sent(installed: Installed) -> None:
    address = (HOST, int(installed.urls[0].rpartition(":")[2]))
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(
            f"POST /polls/{installed.poll.poll_id.hex()}/ballots HTTP/1.1\r\nHost: {HOST}\r\n"
            "Content-Type: application/octet-stream\r\nContent-Length: 1000000000\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 413"


@pytest.mark.attack("A9")
def test_neither_ballots_nor_keys_nor_paths_nor_agents_reach_the_logs(
    installed: Installed, tmp_path: Path
) -> None:
    ballot = installed.box.ballot(installed.poll)
    receipt = installed.cast(ballot)
    assert receipt.status_code == 200
    assert installed.cast(ballot[:-1]).status_code == 422
    answer = httpx.get(f"{installed.urls[0]}/nowhere?secret=query", headers={"User-Agent": "SECRET-AGENT"})
    assert answer.status_code == 404
    _until(lambda: installed.box.checkpoint(installed.poll).size == 2)
    output = b"".join(path.read_bytes() for path in (tmp_path / "logs").iterdir())
    decoded = decode_ballot(ballot)
    secrets = [decoded.ballot_key, decoded.signature, decoded.answers.rstrip(), ballot]
    for secret in secrets:
        for form in (secret, secret.hex().encode(), b64u(secret).encode()):
            assert form not in output
    for word in (receipt.json()["receipt"], receipt.json()["leaf_hash"], "nowhere", "query", "SECRET-AGENT"):
        assert word.encode() not in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", ["serve", "worker"])
def test_a_program_stops_cleanly(tmp_path: Path, program: str, number: signal.Signals) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    box, port = Box(tmp_path, Watch(now - timedelta(minutes=1))), free_port(HOST)
    opens, closes, include_by = (format_time(now + timedelta(seconds=after)) for after in (-60, -5, 60))
    poll = box.publish(issuance_opens_at=opens, opens_at=opens, closes_at=closes, include_by=include_by)
    arguments = {"serve": ["--host", HOST, "--port", str(port)], "worker": ["--interval", "0.1"]}[program]
    environ = {**os.environ, **box.environment()}
    with subprocess.Popen(
        [command("veche-box"), program, *arguments], env=environ, stderr=subprocess.PIPE
    ) as process:
        _until(lambda: _works(box, poll, program, port))
        process.send_signal(number)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def _works(box: Box, poll: Poll, program: str, port: int) -> bool:
    """Whether the server answers, or the worker has closed the poll that was due."""
    if program == "worker":
        return box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 200
    with suppress(httpx.TransportError):
        return httpx.get(f"http://{HOST}:{port}{PATH}").status_code == 200
    return False
