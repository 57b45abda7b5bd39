"""The command `veche-box`."""

from functools import partial
from pathlib import Path

import click
import httpx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from pydantic import ValidationError
from sqlalchemy import make_url

from ballot_box.catalogue import create_catalogue
from ballot_box.doctor import checks
from ballot_box.export import export
from ballot_box.gauges import gauges
from ballot_box.migrations import check_version, upgrade
from ballot_box.record import IssuerSilent, NotOver, write_record
from ballot_box.routes.answers import read_poll_id
from ballot_box.services import Services, open_services
from ballot_box.settings import Settings, read_settings
from ballot_box.state import KeysMissing, State
from ballot_box.tables import RIGHTS
from ballot_box.worker import Worker
from shared.clock import system_clock
from shared.db import connect, write
from shared.doctor import report
from shared.encoding import b64u, canonical_json
from shared.logs import configure_logs
from shared.manifest import describe
from shared.migrations import WrongVersion
from shared.postgresql import NotDurable, check_durable, grant
from shared.refusals import PollUnknown
from shared.stopping import told_to_stop
from shared.tls import machine_trust
from shared.trust import TrustInvalid
from shared.web.metrics import serve_metrics


@click.group()
def main() -> None:
    """The ballot box: what was cast."""


@main.command()
def init() -> None:
    """Make the state directory, the keys and the database; what is there stays."""
    settings = _settings()
    State(settings.state).create()
    engine = connect(settings.database_owner or settings.database)
    try:
        upgrade(engine)
    except WrongVersion as error:
        raise click.ClickException(f"database: {error}") from None
    with write(engine) as conn:
        create_catalogue(conn)
        role = make_url(settings.database).username
        if settings.database_owner and role:
            grant(conn, role, RIGHTS)


@main.command("trust-entry")
def trust_entry() -> None:
    """Print the ballot box's entry for trust.json."""
    settings = _settings()
    state = State(settings.state)
    try:
        entry = {
            "catalogue_key": str(state.catalogue_key(settings.url)),
            "statement_key": b64u(state.statement_key()),
            "url": settings.url,
        }
    except KeysMissing as error:
        raise _not_initialised(error) from None
    click.echo(canonical_json(entry))


@main.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Take ballots and serve the public logs."""
    _check_database(_services())
    Server(
        "ballot_box.asgi:app",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


@main.command()
@click.option("--interval", default=1.0, type=click.FloatRange(0.05), help="Seconds between two passes.")
def worker(interval: float) -> None:
    """Sequence batches, close polls, publish checkpoints and results; one process at a time does it."""
    box, stopped = _services(), told_to_stop()
    _check_database(box)
    configure_logs("ballot-box")
    Worker(box).run(stopped, interval)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
def metrics(host: str, port: int) -> None:
    """Serve Prometheus metrics of all processes that share PROMETHEUS_MULTIPROC_DIR, not for the public."""
    serve_metrics(host, port, partial(gauges, _services()), told_to_stop())


@main.command()
def doctor() -> None:
    """Examine this installation; say what is not in order and what mends it. Exit code 1 then."""
    with httpx.Client(verify=machine_trust(), trust_env=False) as http:
        report(checks(_services(), http))


@main.command("record")
@click.argument("poll_id")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def record(poll_id: str, target: Path) -> None:
    """Write the record zip of the poll POLL_ID, which is over, to TARGET; the same bytes every time."""
    box = _services()
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            write_record(box, read_poll_id(poll_id), out)
        part.replace(target)
    except PollUnknown:
        raise click.ClickException(f"no poll {poll_id} here") from None
    except NotOver:
        raise click.ClickException("the poll has no result yet; try again when it is over") from None
    except (IssuerSilent, OSError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        part.unlink(missing_ok=True)


@main.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_files(folder: Path) -> None:
    """Write all public files under FOLDER as any web server can show them; may be repeated at any time.

    FOLDER/<host> is what this box serves; the logs of the issuers stand beside it.
    """
    try:
        click.echo(f"{export(_services(), folder)} files written")
    except (IssuerSilent, OSError) as error:
        raise click.ClickException(str(error)) from None


def _settings() -> Settings:
    try:
        return read_settings()
    except ValidationError as error:
        raise click.ClickException(f"settings VECHE_BOX_...: {describe(error)}") from None


def _services() -> Services:
    settings = _settings()
    try:
        return open_services(settings, system_clock)
    except KeysMissing as error:
        raise _not_initialised(error) from None
    except OSError as error:
        raise click.ClickException(f"{settings.trust}: {error.strerror}") from None
    except TrustInvalid as error:
        raise click.ClickException(f"{settings.trust}: {error}") from None


def _check_database(box: Services) -> None:
    """Of a service that starts: it keeps what it is given, and has the tables of this release."""
    try:
        check_durable(box.engine)
        check_version(box.engine)
    except (NotDurable, WrongVersion) as error:
        raise click.ClickException(f"database: {error}") from None


def _not_initialised(error: KeysMissing) -> click.ClickException:
    return click.ClickException(f"{error} is not there; run veche-box init")
