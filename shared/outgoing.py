"""HTTP toward services that others run: whom the machine trusts, without proxies, and over in time."""

import time
from math import inf
from typing import Final

import httpcore
import httpx

from shared.deadline import Deadline, DeadlineBackend
from shared.tls import machine_trust

_IDLE_SECONDS: Final = 5.0
"""How long a connection is kept for the next request."""


def http_client(*, seconds: float = 20.0) -> httpx.Client:
    """A client that threads may share. The timeout of a request is that of its whole answer."""
    return httpx.Client(transport=_Transport(), timeout=seconds)


class _Transport(httpx.HTTPTransport):
    """httpx's own, but for the connections under it, which it takes no argument for."""

    def __init__(self) -> None:
        super().__init__(verify=machine_trust(), trust_env=False)
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            machine_trust(), keepalive_expiry=_IDLE_SECONDS, network_backend=DeadlineBackend(self._deadline)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; what is read of the answer, in this thread, keeps to its deadline."""
        seconds = request.extensions.get("timeout", {}).get("read")
        self._deadline.until = inf if seconds is None else time.monotonic() + seconds
        return super().handle_request(request)
