"""What the services ask of others: over TLS that the machine trusts, without proxies, and not for ever."""

import gzip
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from shared.outgoing import http_client
from tests.peer import certificate, peer


def test_whom_the_machine_trusts_is_trusted_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, key = certificate(tmp_path, lives=timedelta(days=90))
    with peer(tls=(made, key)) as server:
        with http_client() as http, pytest.raises(httpx.ConnectError):
            http.get(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        with http_client() as http:
            assert http.get(server.url).status_code == 200


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with peer() as server, http_client() as http:
        assert http.get(server.url).status_code == 200


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nx-", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_trickles_is_over_in_time(head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, http_client(seconds=0.3) as http:
        threading.Thread(target=_trickle, args=(listening, head), daemon=True).start()
        started = time.monotonic()
        with pytest.raises(httpx.TimeoutException):
            http.get(f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert time.monotonic() - started < 30, "it trickles for ever"


@pytest.mark.parametrize(
    ("head", "body", "error"),
    [
        (b"", bytes(64 << 20), httpx.ReadError),
        (b"content-encoding: gzip\r\n", gzip.compress(bytes(64 << 20)), httpx.DecodingError),
    ],
    ids=["flood", "bomb"],
)
def test_an_answer_that_would_fill_the_memory_is_none(
    head: bytes, body: bytes, error: type[Exception]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, http_client() as http:
        answer = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body
        threading.Thread(target=_answer, args=(listening, answer), daemon=True).start()
        with pytest.raises(error):
            http.get(f"http://127.0.0.1:{listening.getsockname()[1]}")


def _answer(listening: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(data)


def _trickle(listening: socket.socket, head: bytes) -> None:
    with suppress(OSError):
        connection, _ = listening.accept()
        with connection:
            connection.sendall(head)
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)
