"""The commands `veche-box serve` and `veche-box worker`, each in a fork of a process that has loaded them.

All is theirs: granian with its serving process, settings from the environment, the whole of the command.
A fork saves the seconds in which Python loads its modules, where nothing can be lost: five hundred deaths
fall on the moments that matter.
"""

import multiprocessing
import os
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from unittest import mock

from ballot_box.commands import box
from ballot_box.commands.serve import serve as serve_command
from ballot_box.commands.worker import worker as worker_command
from shared.clock import Clock, system_clock
from tests.torture.failpoints import Failpoint, arm

HOST = "127.0.0.4"
HASTE = 50
"""The worker's clock runs so many times faster, so that a second's wait for a batch is short."""


def serve(environment: Mapping[str, str], port: int, point: Failpoint | None) -> None:
    """Serve on a port. granian's serving process is a fork of this one, and so dies at the same point."""
    multiprocessing.set_start_method("fork", force=True)
    _become(environment, point)
    serve_command(["--host", HOST, "--port", str(port)])


def work(environment: Mapping[str, str], point: Failpoint | None) -> None:
    """Sequence, sign and publish."""
    mock.patch.object(box, "system_clock", hasty_clock()).start()  # an AttributeError, where it is not there
    _become(environment, point)
    worker_command(["--interval", "0.05"])


def _become(environment: Mapping[str, str], point: Failpoint | None) -> None:
    os.setsid()
    os.environ.update(environment)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a descriptor for the programs' output
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    if point:
        arm(point)


def hasty_clock() -> Clock:
    """A clock that starts now and runs faster."""
    start, now = monotonic(), system_clock()
    return lambda: now + HASTE * timedelta(seconds=monotonic() - start)
