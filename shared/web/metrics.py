"""Prometheus metrics: requests by route and outcome, and how long they took. No person, poll or address.

A service counts into the files of PROMETHEUS_MULTIPROC_DIR (prometheus-client's own variable); the command
`metrics` of each service serves what all its processes counted, on an address of its own, never in public.
"""

import os
from collections.abc import Callable, Iterable
from functools import cache
from threading import Event
from time import perf_counter
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
UNROUTED: Final = "unrouted"

REQUESTS: Final = Counter("veche_requests", "Requests answered", ["route", "status"])
SECONDS: Final = Histogram(
    "veche_request_seconds",
    "From the request to its answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

Gauges = Callable[[], Iterable[tuple[str, str, float]]]
"""What a service measures of itself when it is asked: name, what it is, value."""


def observe(route: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is the rule, such as `/polls/<poll_id>/ballots`: never a path."""
    requests, taken = _counters(route, status)
    requests.inc()
    taken.observe(seconds)


@cache
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, str(status)), SECONDS.labels(route)


def register_metrics(app: Flask) -> None:
    """Count every answer of an app."""
    app.before_request(_start)
    app.after_request(_count)


def serve_metrics(host: str, port: int, gauges: Gauges, stop: Event) -> None:
    """Serve the metrics of a service until told to stop. Raises OSError when the address is taken."""
    registry = CollectorRegistry()
    registry.register(_Measured(gauges))
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    server, thread = start_http_server(port, host, registry)
    stop.wait()
    server.shutdown()
    thread.join()


class _Measured(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, meaning, value in self._gauges():
            yield GaugeMetricFamily(name, meaning, value=value)


def _start() -> None:
    g.started = perf_counter()


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule is not None else UNROUTED
    observe(route, response.status_code, perf_counter() - g.started)
    return response
