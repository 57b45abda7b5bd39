"""Connections that keep to a deadline of the whole answer, at every step.

A timeout of an HTTP library is between two bytes: whoever trickles an answer, a byte at a time, never lets it
pass.
"""

import ssl
import time
from collections.abc import Iterable
from math import inf
from threading import local
from typing import Any

import httpcore


class TooSlow(httpcore.TimeoutException):
    """The time of a request is over."""


class Deadline(local):
    """The `time.monotonic` at which the request under way in this thread must be over."""

    until: float = inf

    def left(self, silence: float | None) -> float | None:
        """Seconds that the next step may take, of which so many in silence. Raises TooSlow."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TooSlow
        steps = [seconds for seconds in (left, silence) if seconds is not None and seconds < inf]
        return min(steps, default=None)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connections whose every step keeps to the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._inner, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(
            self._inner.connect_tcp(host, port, left, local_address, socket_options), self._deadline
        )


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
