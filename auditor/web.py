"""Public data from the services themselves, over HTTP (docs/protocol.md 9.1): one request after another.

`httpcore` under `httpx`, for there the time of a whole answer can be bounded (`shared.deadline`).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpcore

from auditor.source import Fetch, NotThere, OutOfReach
from shared.deadline import Deadline, DeadlineBackend
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
        limit = Deadline()
        pool = httpcore.ConnectionPool(machine_trust(), network_backend=DeadlineBackend(limit))

        def fetch(url: str, size: int) -> bytes:
            limit.until = min(self.deadline, time.monotonic() + REQUEST_SECONDS)
            if time.monotonic() >= limit.until:
                raise OutOfReach(f"{url}: the time for this audit is over")
            return _get(pool, url, size)

        return fetch


def _get(pool: httpcore.ConnectionPool, url: str, size: int) -> bytes:
    silence = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
    try:
        with pool.stream("GET", url, headers=_HEADERS, extensions={"timeout": silence}) as response:
            if response.status == 404:
                raise NotThere(url)
            if response.status != 200:
                raise OutOfReach(f"{url} answers {response.status}")
            if any(name.lower() == b"content-encoding" and value.lower() != b"identity"
                   for name, value in response.headers):  # fmt: skip
                raise OutOfReach(f"{url} answers in an encoding that was not asked for")
            return _bounded(url, response, size)
    except httpcore.TimeoutException:
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
