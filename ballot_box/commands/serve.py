"""`veche-box serve`."""

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from ballot_box import asgi
from ballot_box.commands.box import box_opened, check_database


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Take ballots and serve the public logs."""
    check_database(box_opened())
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
