"""Public data from the services themselves, over HTTP (docs/protocol.md 9.1)."""

import time
from dataclasses import dataclass
from typing import Final

import httpx

from auditor.source import Fetch, NotThere, OutOfReach

TIMEOUT_SECONDS: Final = 30.0
REQUEST_SECONDS: Final = 120.0
"""How long one answer may take, however steadily it trickles."""


@dataclass(frozen=True)
class Web:
    """The services themselves; no redirects. `deadline`: the `time.monotonic` at which all reading ends."""

    deadline: float

    def __call__(self) -> Fetch:
        """Open a connection pool."""
        client = httpx.Client(timeout=TIMEOUT_SECONDS, headers={"accept-encoding": "identity"})
        return lambda url, limit: _get(client, url, limit, self.deadline)


def _get(client: httpx.Client, url: str, limit: int, deadline: float) -> bytes:
    until = min(deadline, time.monotonic() + REQUEST_SECONDS)
    if time.monotonic() >= until:
        raise OutOfReach(f"{url}: the time for this audit is over")
    try:
        with client.stream("GET", url, follow_redirects=False) as response:
            if response.status_code == 404:
                raise NotThere(url)
            if response.status_code != 200:
                raise OutOfReach(f"{url} answers {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise OutOfReach(f"{url} answers in an encoding that was not asked for")
            return _bounded(url, response, limit, until)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutOfReach(f"{url}: {type(error).__name__}") from None


def _bounded(url: str, response: httpx.Response, limit: int, until: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > limit:
            raise OutOfReach(f"{url} answers with more than {limit} bytes")
        if time.monotonic() > until:
            raise OutOfReach(f"{url} answers too slowly")
    return bytes(body)
