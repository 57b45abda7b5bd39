"""The two programs of a ballot box as forked processes: a start costs milliseconds, not seconds."""

import logging
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from threading import Event
from time import monotonic

from werkzeug.serving import make_server

from ballot_box.app import create_app
from ballot_box.services import open_services
from ballot_box.settings import Settings
from ballot_box.worker import Worker
from shared.clock import Clock
from tests.torture.failpoints import Failpoint, arm

HOST = "127.0.0.4"
HASTE = 50
"""The workers' clock runs so many times faster, so that a second's wait for a batch is short."""


def serve(settings: Settings, now: datetime, point: Failpoint | None, started: Connection) -> None:
    """Serve on a free port, which is sent to the parent first."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server(HOST, 0, create_app(settings, lambda: now), threaded=True)
    started.send(server.port)
    if point:
        arm(point)
    server.serve_forever()


def work(settings: Settings, now: datetime, point: Failpoint | None) -> None:
    """Sequence, sign and publish."""
    worker = Worker(open_services(settings, hasty_clock(now)))
    if point:
        arm(point)
    worker.run(Event(), 0.01)


def hasty_clock(now: datetime) -> Clock:
    """A clock that starts at `now` and runs faster."""
    start = monotonic()
    return lambda: now + HASTE * timedelta(seconds=monotonic() - start)
