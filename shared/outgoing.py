"""HTTP toward services that others run: whom the machine trusts, no proxies, bounded in time and size."""

import time
from collections.abc import Iterator
from math import inf
from typing import Final

import httpcore
import httpx

from shared.deadline import Deadline, DeadlineBackend
from shared.tls import machine_trust

_IDLE_SECONDS: Final = 5.0
"""How long a connection is kept for the next request."""
_MOST: Final = 8 << 20
"""Bytes of a body: more than any file of a record has (`shared.record`)."""


def http_client(*, seconds: float = 20.0) -> httpx.Client:
    """A client that threads may share. The timeout of a request is that of its whole answer."""
    return httpx.Client(transport=_Transport(), timeout=seconds, headers={"Accept-Encoding": "identity"})


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
        response = super().handle_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.close()
            raise httpx.DecodingError("an encoding that was not asked for")
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream),
            extensions=response.extensions,
        )


class _Bounded(httpx.SyncByteStream):
    """A body that ends before it fills the memory."""

    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(inner, httpx.SyncByteStream)  # noqa: S101 - of a transport that is not asynchronous
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._inner:
            size += len(part)
            if size > _MOST:
                raise httpx.ReadError("the answer is too long")
            yield part

    def close(self) -> None:
        """Let the connection go."""
        self._inner.close()
