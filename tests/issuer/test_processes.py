"""Two issuer processes on one database, over real HTTP."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from issuer import store
from issuer.draft import Draft
from issuer.keys import VoterPseudonym
from shared.db import read
from shared.encoding import b64u, format_time
from shared.manifest import Poll
from shared.trust import PATH
from tests.issuer.office import Office, blinded_message, sample_draft
from tests.programs.processes import Processes, command, free_port
from tests.watch import Watch

HOST = "127.0.0.3"
REQUESTS = 200
PERSON = VoterPseudonym(b"\x01" * 32)


@dataclass
class Pair:
    """Two serving processes of one office, with a poll that is open now."""

    office: Office
    poll: Poll
    urls: list[str]
    access_token: str
    http: httpx.Client

    def ask(self, number: int, message: bytes) -> httpx.Response:
        """A token request to one of the two."""
        return self.http.post(
            f"{self.urls[number % 2]}/polls/{self.poll.poll_id.hex()}/token",
            json={"blinded_message": b64u(message)},
            headers={"Authorization": f"Bearer {self.access_token}"},
            timeout=60,
        )

    def ask_all(self, messages: list[bytes]) -> list[httpx.Response]:
        """All at once, alternating between the two."""
        with ThreadPoolExecutor(24) as pool:
            return list(pool.map(self.ask, range(len(messages)), messages))


@pytest.fixture
def pair(tmp_path: Path, processes: Processes) -> Iterator[Pair]:
    now = datetime.now(UTC).replace(microsecond=0)
    office = Office(tmp_path, Watch(now))
    office.prepare_sign_in()
    opens, closes = format_time(now - timedelta(minutes=1)), format_time(now + timedelta(minutes=30))
    poll = office.publish(sample_draft(issuance_opens_at=opens, opens_at=opens, closes_at=closes))
    urls = [
        processes.serve("veche-issuer", HOST, office.environment(), f"issuer-{number}") for number in range(2)
    ]
    # A connection too many is not closed: httpcore may do so while another thread reads from it.
    with httpx.Client(limits=httpx.Limits(max_keepalive_connections=None)) as http:
        yield Pair(office, poll, urls, office.grant({poll.poll_id: PERSON}), http)


@pytest.mark.both_databases
@pytest.mark.scenario
def test_200_requests_of_one_person_at_once_get_one_signature(pair: Pair) -> None:
    answers = pair.ask_all([blinded_message(pair.poll) for _ in range(REQUESTS)])
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(409)) == (1, REQUESTS - 1)
    with read(pair.office.engine) as conn:
        assert store.count_issuances(conn, pair.poll.poll_id) == 1


@pytest.mark.scenario
def test_200_identical_requests_get_identical_bytes(pair: Pair) -> None:
    answers = pair.ask_all([blinded_message(pair.poll)] * REQUESTS)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.scenario
@pytest.mark.attack("A9")
def test_neither_tokens_nor_pseudonyms_nor_paths_reach_the_logs(pair: Pair, tmp_path: Path) -> None:
    message = blinded_message(pair.poll)
    assert pair.ask(0, message).status_code == 200
    assert httpx.get(f"{pair.urls[0]}/nowhere?secret=query").status_code == 404
    output = b"".join(path.read_bytes() for path in (tmp_path / "logs").iterdir())
    for secret in (pair.access_token, PERSON.hex(), b64u(PERSON), b64u(message), "nowhere", "query"):
        assert secret.encode() not in output


@pytest.mark.scenario
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", ["serve", "worker"])
def test_a_program_stops_cleanly(tmp_path: Path, program: str, number: signal.Signals) -> None:
    office, port = Office(tmp_path), free_port(HOST)
    office.prepare_sign_in()
    arguments = {"serve": ["--host", HOST, "--port", str(port)], "worker": ["--interval", "0.1"]}[program]
    environ = {**os.environ, **office.environment()}
    with subprocess.Popen(
        [command("veche-issuer"), program, *arguments], env=environ, stderr=subprocess.PIPE
    ) as process:
        office.publish(ended_draft())
        _wait_for_work(office, program, port)
        process.send_signal(number)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def ended_draft() -> Draft:
    """A poll that closed a moment ago."""
    opens, closes = (format_time(datetime.now(UTC) - timedelta(seconds=ago)) for ago in (60, 5))
    return sample_draft(issuance_opens_at=opens, opens_at=opens, closes_at=closes)


def _wait_for_work(office: Office, program: str, port: int) -> None:
    """Until the server answers, or the worker has ended the issuance of the closed poll."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if program == "serve" and httpx.get(f"http://{HOST}:{port}{PATH}").status_code == 200:
                return
        if program == "worker" and not list(office.settings.state.glob("polls/*/token.der")):
            return
        time.sleep(0.1)
    raise AssertionError(f"{program} does no work")
