"""A signal that comes at the worst moment stops a program all the same."""

import subprocess
import sys

import pytest

AT_THE_WORST = """
import signal
from shared.stopping import told_to_stop
stopped = told_to_stop()
with stopped._cond:
    signal.raise_signal(signal.{name})
print(stopped.wait(30))
"""
"""While the event's lock is held, as it is at the beginning and at the end of `wait`."""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_finds_its_event_locked_stops_the_program(name: str) -> None:
    argv = [sys.executable, "-c", AT_THE_WORST.format(name=name)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "True\n"
