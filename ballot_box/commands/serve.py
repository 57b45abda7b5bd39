"""`veche-box serve`."""

import click

from ballot_box import asgi
from ballot_box.commands.box import box_opened, check_database
from shared.web.serving import serve_app


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Take ballots and serve the public logs."""
    check_database(box_opened())
    serve_app(asgi, host, port, workers)
