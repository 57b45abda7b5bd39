"""`veche-issuer serve`."""

import click

from issuer import asgi
from issuer.commands.database import database
from issuer.commands.inputs import trust_root, with_settings
from issuer.settings import Settings
from shared.web.serving import serve_app


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
@with_settings
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve residents and the client."""
    trust_root(settings)
    database(settings)
    serve_app(asgi, host, port, workers)
