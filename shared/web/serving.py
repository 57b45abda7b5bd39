"""How both services are served: an ASGI application, by granian."""

from types import ModuleType
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from shared.stopping import set_soon

DRAIN_SECONDS: Final = 5
"""How long a server that is told to stop goes on with requests that it has taken."""


def serve_app(asgi: ModuleType, host: str, port: int, workers: int) -> None:
    """Serve what the factory `app` of a module makes, in so many processes, until told to stop.

    HTTP/1.1 alone, which is what proxies speak to a service. Whoever sends a request and never ends it does
    not hold up the stop. Requests are not logged: their addresses and paths are nobody's business.
    """
    _Server(
        f"{asgi.__name__}:{asgi.app.__name__}",  # loaded here once, and shared by the processes
        factory=True,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        workers_kill_timeout=DRAIN_SECONDS,
        address=host,
        port=port,
        workers=workers,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


class _Server(MPServer):
    """Bears to be told twice to stop."""

    def signal_handler_interrupt(self, *_: object) -> None:
        self.interrupt_signal = True
        set_soon(self.main_loop_interrupt)
