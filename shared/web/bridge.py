"""Flask behind ASGI 3. A small request goes to a thread and back once: its whole body, the whole answer.

Larger bodies come piece by piece, through a2wsgi, which goes half a dozen times for each.
"""

import asyncio
import contextvars
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from io import BytesIO
from typing import Any, Final

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ
from flask import Flask
from werkzeug.test import run_wsgi_app

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]

THREADS: Final = 16
"""Those of Flask, in each serving process."""
SMALL: Final = 65_536
"""Bytes of a body that are held in memory."""
_DIGITS: Final = re.compile(rb"[0-9]{1,6}")


class Bridge:
    """An ASGI application that is a Flask application."""

    def __init__(self, app: Flask) -> None:
        self._app = _unchunked(app)
        self._pieces = WSGIMiddleware(self._app, workers=THREADS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        size = _size(scope)
        if size is None:
            unread = _Unread(scope, receive, send)
            await self._pieces(scope, unread.receive, unread.send)  # type: ignore[arg-type]
            return
        body = await whole_body(receive, size)
        if body is None:
            return
        environ: dict[str, Any] = build_environ(scope, BytesIO(body))  # type: ignore[arg-type, assignment]
        answered = partial(contextvars.copy_context().run, self._answered, environ)
        start, content = await asyncio.get_running_loop().run_in_executor(self._pieces.executor, answered)
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _answered(self, environ: dict[str, Any]) -> tuple[Message, bytes]:
        content, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        start = {"type": "http.response.start", "status": int(status.split()[0]), "headers": pairs}
        return start, b"".join(content)


async def whole_body(receive: Receive, size: int) -> bytes | None:
    """The body of a request, never more than `size` bytes of it; None when it ends before."""
    parts: list[bytes] = []
    left, more = size, True
    while more and left > 0:
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        left, more = left - len(part), message.get("more_body", False)
    return b"".join(parts) if left == 0 else None


def _size(scope: Message) -> int | None:
    """How long the body of a small request is; None for every other."""
    if scope["type"] != "http":
        return None
    lengths = [value for name, value in scope["headers"] if name in (b"content-length", b"transfer-encoding")]
    if not lengths:
        return 0
    plain = len(lengths) == 1 and _DIGITS.fullmatch(lengths[0]) and int(lengths[0]) <= SMALL
    return int(lengths[0]) if plain else None


class _Unread:
    """A body that comes in pieces: an answer before its end closes the connection (RFC 9112, 9.3)."""

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._closing = scope["type"] == "http" and scope["http_version"].startswith("1")

    async def receive(self) -> Message:
        message = await self._receive()
        if not message.get("more_body", False):
            self._closing = False
        return message

    async def send(self, message: Message) -> None:
        if self._closing and message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await self._send(message)


def _unchunked(app: Flask) -> Callable[..., Any]:
    """Flask behind a server that has taken chunked bodies apart and marks where each ends."""

    def call(environ: dict[str, Any], start: Any) -> Any:
        return app({**environ, "wsgi.input_terminated": True}, start)

    return call
