"""Requests over kept-alive HTTP/1.1 connections from one process: as many as go, or at a rate (open loop)."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, and seconds from when the request was due to its answer."""

    status: int
    seconds: float


def drive(
    address: tuple[str, int], requests: Sequence[bytes], *, connections: int, rate: float | None = None
) -> tuple[list[Answer], float]:
    """Send all requests; the answers and the seconds it took. With `rate`, request n is due at n / rate."""
    return asyncio.run(_drive(address, requests, connections, rate))


def percentile(answers: Sequence[Answer], share: float) -> float:
    """The time below which this share of the answers came."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(share * len(times)))]


async def _drive(
    address: tuple[str, int], requests: Sequence[bytes], connections: int, rate: float | None
) -> tuple[list[Answer], float]:
    queue, answers, start = iter(enumerate(requests)), list[Answer](), time.monotonic()
    await asyncio.gather(*(_send(address, queue, answers, start, rate) for _ in range(connections)))
    return answers, time.monotonic() - start


async def _send(
    address: tuple[str, int],
    queue: Iterator[tuple[int, bytes]],
    answers: list[Answer],
    start: float,
    rate: float | None,
) -> None:
    reader, writer = await asyncio.open_connection(*address)
    for number, request in queue:
        due = start + number / rate if rate else time.monotonic()
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.write(request)
        answers.append(Answer(await _status(reader), time.monotonic() - due))
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head[9:12])
