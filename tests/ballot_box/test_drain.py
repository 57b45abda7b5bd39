"""A server that is told to stop answers what it has taken, and soon; clients repeat the rest elsewhere."""

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Semaphore

import httpx
import pytest

from shared.encoding import format_time
from shared.trust import PATH
from shared.web.serving import DRAIN_SECONDS
from tests.ballot_box.box import Box
from tests.programs.processes import command, free_port
from tests.watch import Watch

pytestmark = [pytest.mark.scenario, pytest.mark.faults]

HOST = "127.0.0.4"
CLIENTS = 8
NO_BODY = (
    b"POST %s HTTP/1.1\r\nHost: box\r\nContent-Type: application/octet-stream\r\nContent-Length: 500\r\n\r\n"
)


def _begin(port: int, beginning: bytes) -> socket.socket:
    """A connection with a request that never ends."""
    connection = socket.create_connection((HOST, port))
    connection.sendall(beginning)
    return connection


def test_a_server_that_is_told_to_stop_loses_no_request_that_it_has_taken(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    box, port = Box(tmp_path, Watch(now)), free_port(HOST)
    opens, closes, late = (format_time(now + timedelta(minutes=after)) for after in (-1, 30, 40))
    poll = box.publish(issuance_opens_at=opens, opens_at=opens, closes_at=closes, include_by=late)
    ballots, answered = [box.ballot(poll) for _ in range(24)], Semaphore(0)
    path = f"/polls/{poll.poll_id.hex()}/ballots"
    headers = {"Content-Type": "application/octet-stream"}

    def cast(ballot: bytes) -> str:
        """What became of a ballot: answered; refused by the machine; or its connection was cut off."""
        connection = HTTPConnection(HOST, port, timeout=60)
        try:
            connection.connect()
        except ConnectionError:
            return "not taken"
        with closing(connection):
            try:
                connection.request("POST", path, ballot, headers)
                status = connection.getresponse().status
            except (OSError, HTTPException):
                return "cut off"
        answered.release()
        return str(status)

    argv = [command("veche-box"), "serve", "--host", HOST, "--port", str(port)]
    with subprocess.Popen(argv, env=os.environ | box.environment()) as process:
        for _ in range(1200):
            with suppress(httpx.TransportError):
                if httpx.get(f"http://{HOST}:{port}{PATH}").status_code == 200:
                    break
            time.sleep(0.1)
        with ThreadPoolExecutor(CLIENTS) as pool:
            sent = [pool.submit(cast, ballot) for ballot in ballots]
            assert all(answered.acquire(timeout=60) for _ in range(CLIENTS))
            never_ended = [_begin(port, beginning) for beginning in (b"", b"POST", NO_BODY % path.encode())]
            told = time.monotonic()
            for _ in range(2):
                process.send_signal(signal.SIGTERM)
            outcomes = [one.result() for one in sent]
        assert process.wait(60) == 0
        assert time.monotonic() - told < DRAIN_SECONDS + 20
    for connection in never_ended:
        connection.close()
    assert set(outcomes) <= {"200", "not taken", "cut off"}
    assert box.waiting(poll) == outcomes.count("200") >= CLIENTS, "what was cut off waited to be accepted"
