"""Public data from the services themselves, over HTTP (docs/protocol.md 9.1): one request after another.

`httpcore` under `httpx`, for there the time of a whole answer can be bounded: whoever trickles the headers,
a byte at a time, never lets a timeout between two bytes pass.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpcore

from auditor.source import Fetch, NotThere, OutOfReach
from shared.tls import machine_trust

TIMEOUT_SECONDS: Final = 30.0
"""How long a server may be silent."""

REQUEST_SECONDS: Final = 120.0
"""How long one answer may take, however steadily it trickles."""

_HEADERS: Final[Mapping[bytes | str, bytes | str]] = {
    "accept-encoding": "identity",
    "user-agent": "veche-audit",
}
_FAILURES: Final = (
    httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable, OSError, ValueError,
)  # fmt: skip
"""What a server, or a URL in a hostile manifest, can do to a request."""


@dataclass(frozen=True)
class Web:
    """The services themselves; no redirects. `deadline`: the `time.monotonic` at which all reading ends."""

    deadline: float

    def __call__(self) -> Fetch:
        """Open a connection pool."""
        limit = _Limit()
        pool = httpcore.ConnectionPool(machine_trust(), network_backend=_Backend(limit))

        def fetch(url: str, size: int) -> bytes:
            limit.until = min(self.deadline, time.monotonic() + REQUEST_SECONDS)
            if time.monotonic() >= limit.until:
                raise OutOfReach(f"{url}: the time for this audit is over")
            return _get(pool, url, size)

        return fetch


def _get(pool: httpcore.ConnectionPool, url: str, size: int) -> bytes:
    try:
        with pool.stream("GET", url, headers=_HEADERS) as response:
            if response.status == 404:
                raise NotThere(url)
            if response.status != 200:
                raise OutOfReach(f"{url} answers {response.status}")
            if any(name.lower() == b"content-encoding" and value.lower() != b"identity"
                   for name, value in response.headers):  # fmt: skip
                raise OutOfReach(f"{url} answers in an encoding that was not asked for")
            return _bounded(url, response, size)
    except (_TooSlow, httpcore.TimeoutException):
        raise OutOfReach(f"{url} answers too slowly") from None
    except _FAILURES as error:
        raise OutOfReach(f"{url}: {type(error).__name__}") from None


def _bounded(url: str, response: httpcore.Response, size: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > size:
            raise OutOfReach(f"{url} answers with more than {size} bytes")
    return bytes(body)


class _TooSlow(Exception):
    """The time of a request is over."""


@dataclass
class _Limit:
    """The `time.monotonic` at which the request under way must be over."""

    until: float = 0.0

    def seconds(self) -> float:
        """How long the next step may take. Raises _TooSlow."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise _TooSlow
        return min(left, TIMEOUT_SECONDS)


class _Backend(httpcore.NetworkBackend):
    """Connections whose every step keeps to the limit, whatever timeout it is called with."""

    def __init__(self, limit: _Limit) -> None:
        self._inner, self._limit = httpcore.SyncBackend(), limit

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, self._limit.seconds(), local_address, socket_options)
        return _Stream(stream, self._limit)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, limit: _Limit) -> None:
        self._inner, self._limit = inner, limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._limit.seconds())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._limit.seconds())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._limit.seconds())
        return _Stream(inner, self._limit)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
