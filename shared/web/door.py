"""A door beside Flask: one kind of request goes from the event loop straight to a desk, many at a time.

A plain request of that kind is answered here, with the very answers of the Flask application (docs/adr/0017).
Everything else, and every request of that kind that is not plain, goes to Flask itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Final, Generic, TypeVar

from flask import Flask, Response
from sqlalchemy.exc import InternalError as TransactionEnded
from sqlalchemy.exc import OperationalError, TimeoutError

from shared.logs import log_failure
from shared.refusals import InternalError, Refusal, Unavailable
from shared.web.bridge import Bridge, Headers, Message, Receive, Send, whole_body
from shared.web.gathering import Gathering
from shared.web.headers import secured
from shared.web.metrics import observe
from shared.web.problems import problem_response

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

_SIZE: Final = b"content-length"
_DIGITS: Final = re.compile(rb"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Desk(Generic[Item, Outcome]):
    """The kind of request that a door answers: a POST to a path with one poll id in it."""

    rule: str
    """As Flask has it: `/polls/<poll_id>/...`."""
    media_type: str
    largest: int
    """Bytes of a body."""
    read: Callable[[str, Headers, bytes], Item]
    """Poll id in hex, headers, body -> what to settle. Raises a Refusal."""
    settle: Callable[[Sequence[Item]], Sequence[Outcome | Exception]]
    """See `shared.web.gathering`."""
    render: Callable[[str, Outcome], bytes]
    """Poll id in hex, outcome -> the body of the answer."""
    answer: Callable[[bytes], Response]
    """The answer with this body: its headers are asked for once."""
    dress: Callable[[Response], Response]
    """Add the headers of this route."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Door(Generic[Item, Outcome]):
    """An ASGI application around a Flask application."""

    def __init__(self, app: Flask, desk: Desk[Item, Outcome]) -> None:
        self.app, self._desk = app, desk
        self._gathering = Gathering(desk.settle)
        self._flask = Bridge(app)
        self._path = re.compile(re.escape(desk.rule).replace("<poll_id>", "([0-9a-f]{64})"))
        self._refused = lru_cache(256)(self._refusal)
        with app.test_request_context():
            dressed = _headers(secured(desk.dress(desk.answer(b""))))
        self._headers = [pair for pair in dressed if pair[0] != _SIZE]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        poll_id = self._plain(scope)
        if poll_id is None:
            await self._flask(scope, receive, send)
            return
        started = perf_counter()
        answer = await self._answer(poll_id, dict(scope["headers"]), receive)
        if answer is not None:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            await send({"type": "http.response.body", "body": answer.body})
            observe(self._desk.rule, answer.status, perf_counter() - started)

    def _plain(self, scope: Message) -> str | None:
        """The poll id of a request with one header of a kind and a length; None for every other."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        path, headers = self._path.fullmatch(scope["path"]), dict(scope["headers"])
        plain = (
            path is not None
            and len(headers) == len(scope["headers"])
            and headers.get(b"content-type") == self._desk.media_type.encode()
            and _DIGITS.fullmatch(headers.get(_SIZE, b"")) is not None
            and int(headers[_SIZE]) <= self._desk.largest
            and b"transfer-encoding" not in headers
        )
        return path[1] if path is not None and plain else None

    async def _answer(self, poll_id: str, headers: Headers, receive: Receive) -> _Answer | None:
        """The answer, or None for a client that went away in the middle of its request."""
        try:
            body = await whole_body(receive, int(headers[_SIZE]))
            if body is None:
                return None
            self._gathering.check_room()
            outcome = await self._gathering.ask(self._desk.read(poll_id, headers, body))
            return self._given(self._desk.render(poll_id, outcome))
        except Exception as error:
            language = headers.get(b"accept-language", b"")
            return self._refused(_refusal_of(error), language)  # type: ignore[arg-type]

    def _given(self, body: bytes) -> _Answer:
        return _Answer(200, [*self._headers, (_SIZE, str(len(body)).encode())], body)

    def _refusal(self, kind: type[Refusal], language: bytes) -> _Answer:
        """The problem document, in the language that a header asks for."""
        with self.app.test_request_context(headers={"Accept-Language": language.decode("latin-1")}):
            response = secured(self._desk.dress(problem_response(kind)))
        return _Answer(response.status_code, _headers(response), response.data)


def _headers(response: Response) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]


def _refusal_of(error: Exception) -> type[Refusal]:
    """The same that Flask's error handlers make of it."""
    if isinstance(error, Refusal):
        return type(error)
    if isinstance(error, OperationalError | TransactionEnded | TimeoutError):
        log_failure("database-unavailable", error)
        return Unavailable
    log_failure("unexpected-error", error)
    return InternalError
