"""The load of `make ha`: requests at a rate, each repeated as it is until it is acknowledged."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

ANSWER_SECONDS: Final = 10.0
PAUSE: Final = 0.3
CONNECTIONS: Final = 40


@dataclass
class Stream:
    """Requests to one address, so many a second; the answers as they come, and when."""

    address: tuple[str, int]
    requests: Sequence[bytes]
    rate: float
    answers: dict[int, bytes] = field(default_factory=dict)
    """The body of each acknowledged request, by its number."""
    times: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    """How often each status was answered that says not to repeat the request."""

    async def run(self) -> None:
        """Send all, and return when all are acknowledged."""
        queue, start = iter(enumerate(self.requests)), time.monotonic()
        await asyncio.gather(*(self._send(queue, start) for _ in range(CONNECTIONS)))

    def longest_silence(self) -> float:
        """The longest time, in seconds, in which nothing was acknowledged."""
        times = sorted(self.times)
        return max((after - before for before, after in pairwise(times)), default=0.0)

    async def _send(self, queue: Iterator[tuple[int, bytes]], start: float) -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for number, request in queue:
            await asyncio.sleep(max(0.0, start + number / self.rate - time.monotonic()))
            while number not in self.answers:
                try:
                    connection = connection or await asyncio.open_connection(*self.address)
                    status, body = await asyncio.wait_for(_ask(connection, request), ANSWER_SECONDS)
                except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                    status, body = 0, b""
                if status == 200:
                    self.answers[number] = body
                    self.times.append(time.monotonic())
                    continue
                if 400 <= status < 500:
                    self.refused[status] = self.refused.get(status, 0) + 1
                    break
                if connection:
                    connection[1].close()
                    connection = None
                await asyncio.sleep(PAUSE)


async def _ask(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
) -> tuple[int, bytes]:
    reader, writer = connection
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)
