"""How a program that works until it is told to stop learns of it."""

import signal
from _thread import start_new_thread
from threading import Event


def told_to_stop() -> Event:
    """An event that SIGTERM and SIGINT set. To be called in the main thread."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: set_soon(stopped))
    return stopped


def set_soon(event: Event) -> None:
    """Set an event from the handler of a signal.

    In a thread of its own, for the handler may have interrupted its own thread in `wait`, which holds the
    event's lock: both would wait for ever.
    """
    start_new_thread(event.set, ())
