"""How both services are served: an ASGI application, by granian."""

from types import ModuleType

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server


def serve_app(asgi: ModuleType, host: str, port: int, workers: int) -> None:
    """Serve what the factory `app` of a module makes, in so many processes, until told to stop.

    Requests are not logged: their addresses and paths are nobody's business.
    """
    Server(
        f"{asgi.__name__}:{asgi.app.__name__}",  # loaded here once, and shared by the processes
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()
