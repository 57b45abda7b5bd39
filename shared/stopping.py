"""How a program that works until it is told to stop learns of it."""

import signal
from threading import Event


def told_to_stop() -> Event:
    """An event that SIGTERM and SIGINT set. To be called in the main thread."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
