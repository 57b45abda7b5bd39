"""`python -m issuer.esia_stand --host H --port P --state DIR`: serve the stand until SIGTERM or SIGINT."""

import os
from pathlib import Path
from typing import get_args

import click
from granian.constants import Interfaces
from granian.server import Server

from issuer.esia_stand.settings import Algorithm


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--state", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--url", help="Public address; http://HOST:PORT if not given.")
@click.option("--algorithm", default="RS256", show_default=True, type=click.Choice(get_args(Algorithm)))
@click.option("--window", default=300, show_default=True, type=click.IntRange(1), help="Seconds.")
@click.option("--crowd", default=0, show_default=True, type=click.IntRange(0), help="More residents.")
def main(
    *, host: str, port: int, state: Path, url: str | None, algorithm: str, window: int, crowd: int
) -> None:
    """A stand-in for ESIA with fictional residents; DIR comes from issuer.esia_stand.register."""
    os.environ |= {
        "VECHE_STAND_STATE": str(state.resolve()),
        "VECHE_STAND_URL": url or f"http://{host}:{port}",
        "VECHE_STAND_ALGORITHM": algorithm,
        "VECHE_STAND_TIMESTAMP_WINDOW": str(window),
        "VECHE_STAND_CROWD": str(crowd),
    }
    # One process: sign-ins live in its memory.
    Server(
        "issuer.esia_stand.app:from_environment",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=1,
        blocking_threads=4,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
