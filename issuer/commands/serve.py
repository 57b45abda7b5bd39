"""`veche-issuer serve`."""

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from issuer import asgi
from issuer.commands.database import database
from issuer.commands.inputs import trust_root, with_settings
from issuer.settings import Settings


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
@with_settings
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve residents and the client."""
    trust_root(settings)
    database(settings)
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
