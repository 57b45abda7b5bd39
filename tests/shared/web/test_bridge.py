"""Flask behind ASGI: the same answers whether a body comes whole or piece by piece."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask, Response, request

from shared.web.bridge import SMALL, Bridge
from tests.loops import run

Headers = Sequence[tuple[bytes, bytes]]


@pytest.fixture
def bridge() -> Bridge:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 2 * SMALL

    @app.post("/echo")
    def echo() -> Response:
        return Response(f"{request.args['name']}:{len(request.get_data())}", headers={"X-Kept": "1"})

    @app.get("/pieces")
    def pieces() -> Response:
        def content() -> Iterator[bytes]:
            yield b"one "
            yield b"two"

        return Response(content())

    return Bridge(app)


def ask(
    bridge: Bridge, method: str, path: str, body: Sequence[bytes] = (), headers: Headers = ()
) -> list[dict[str, Any]]:
    """All that it sends for a request whose body comes in these pieces."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    end = {"type": "http.request", "body": b"", "more_body": False}

    async def receive() -> Any:
        return waiting.pop(0) if waiting else end

    async def send(message: Any) -> None:
        sent.append(dict(message))

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": list(headers),
        "server": ("127.0.0.1", 80),
    }
    run(bridge(scope, receive, send))
    return sent


def answer(sent: list[dict[str, Any]]) -> tuple[int, bytes]:
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1])
def test_a_body_arrives_as_it_was_sent(bridge: Bridge, size: int) -> None:
    parts = [bytes(size // 2), bytes(size - size // 2)]
    sent = ask(bridge, "POST", "/echo?name=x", parts, [(b"content-length", str(size).encode())])
    assert answer(sent) == (200, f"x:{size}".encode())
    assert (b"x-kept", b"1") in sent[0]["headers"]


def test_a_chunked_body_arrives_too(bridge: Bridge) -> None:
    sent = ask(bridge, "POST", "/echo?name=x", [b"abc", b"d"], [(b"transfer-encoding", b"chunked")])
    assert answer(sent) == (200, b"x:4")


def test_more_than_was_declared_is_not_read(bridge: Bridge) -> None:
    sent = ask(bridge, "POST", "/echo?name=x", [b"abc"], [(b"content-length", b"2")])
    assert sent == []


def test_a_body_that_ends_early_gets_no_answer(bridge: Bridge) -> None:
    assert ask(bridge, "POST", "/echo?name=x", [b"a"], [(b"content-length", b"2")]) == []


def test_too_much_is_refused_by_flask(bridge: Bridge) -> None:
    size = 2 * SMALL + 1
    sent = ask(bridge, "POST", "/echo?name=x", [bytes(size)], [(b"content-length", str(size).encode())])
    assert answer(sent)[0] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_connection_whose_body_was_read_stays_open(bridge: Bridge) -> None:
    size = SMALL + 1
    sent = ask(bridge, "POST", "/echo?name=x", [bytes(size)], [(b"content-length", str(size).encode())])
    assert b"connection" not in dict(sent[0]["headers"])


def test_an_answer_in_pieces_is_sent_whole(bridge: Bridge) -> None:
    assert answer(ask(bridge, "GET", "/pieces")) == (200, b"one two")


def test_what_is_not_there_is_not_there(bridge: Bridge) -> None:
    assert answer(ask(bridge, "GET", "/nothing"))[0] == 404
