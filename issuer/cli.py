"""The command `veche-issuer`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
import httpx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from pydantic import ValidationError
from sqlalchemy import Engine, make_url

from issuer.admin import acts, officials
from issuer.admin.press import Press
from issuer.client_cli import client
from issuer.custody import KekInvalid, SecretUnreadable
from issuer.custody import make_kek as create_kek
from issuer.custody_cli import archive, keys, opened
from issuer.doctor import Installation, checks
from issuer.draft import DraftInvalid, read_draft
from issuer.esia.errors import EsiaAnswerInvalid
from issuer.esia.person import parse_snils
from issuer.gauges import gauges
from issuer.joint import JointPublisher, ProposalInvalid, parse_proposal
from issuer.keys import KeysMissing
from issuer.migrations import check_version, upgrade
from issuer.publication import BoxRefused, NotDelivered, Publisher
from issuer.residency_cli import residency
from issuer.retention import purges
from issuer.settings import Settings, read_settings
from issuer.statements import SaidOtherwise, SignaturesMissing, Speaker
from issuer.tables import RIGHTS
from issuer.worker import Worker
from shared.clock import system_clock
from shared.db import connect, write
from shared.doctor import report
from shared.durable import write_durably
from shared.encoding import b64u, canonical_json
from shared.log.signer import LogRolledBack
from shared.log.witnesses import Policy, Witnesses
from shared.logs import configure_logs
from shared.manifest import ManifestInvalid, describe
from shared.migrations import WrongVersion
from shared.postgresql import NotDurable, check_durable, grant
from shared.publication import ManifestSignaturesInvalid
from shared.statements import KINDS, Kind, StatementInvalid, parse_statement
from shared.stopping import told_to_stop
from shared.tls import machine_trust
from shared.trust import NotTrusted, TrustInvalid, TrustRoot, parse_trust
from shared.web.metrics import serve_metrics

EXIT_NOT_DELIVERED = 3


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """The issuer: who may vote."""
    if context.invoked_subcommand in ("archive", "client", "keys"):
        context.obj = _settings()


main.add_command(keys)
main.add_command(archive)
main.add_command(client)
main.add_command(residency)


@main.command()
@click.option("--make-kek", is_flag=True, help="Make the file of the key-encryption key, too.")
def init(make_kek: bool) -> None:  # noqa: FBT001
    """Make the state directory, the statement key and the database; what is there stays."""
    settings = _settings()
    try:
        if make_kek:
            create_kek(settings)
        held = opened(settings)
        held.create()
        held.statement_seed()
    except (KekInvalid, SecretUnreadable) as error:
        raise click.ClickException(str(error)) from None
    engine = connect(settings.database_owner or settings.database)
    try:
        upgrade(engine)
    except WrongVersion as error:
        raise click.ClickException(f"database: {error}") from None
    role = make_url(settings.database).username
    if settings.database_owner and role:
        with write(engine) as conn:
            grant(conn, role, RIGHTS)


@main.command("trust-entry")
def trust_entry() -> None:
    """Print this issuer's entry for trust.json."""
    settings = _settings()
    try:
        key = opened(settings).statement_key()
    except KeysMissing as error:
        raise click.ClickException(f"{error} is not there; run veche-issuer init") from None
    entry = {"name": settings.name, "statement_key": b64u(key), "url": settings.url}
    click.echo(canonical_json(entry))


@main.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, type=click.IntRange(1), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve residents and the client."""
    settings = _settings()
    _trust(settings)
    _database(settings)
    Server(
        "issuer.asgi:app",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


@main.command()
@click.option("--interval", default=5.0, type=click.FloatRange(0.05), help="Seconds between two passes.")
def worker(interval: float) -> None:
    """Publish issuance logs, end issuance when polls close, forget expired sign-ins."""
    configure_logs("issuer")
    settings, stop = _settings(), told_to_stop()
    engine, held = _database(settings), opened(settings)
    with httpx.Client(verify=machine_trust()) as http:
        press = Press(settings, engine, held, _trust(settings), http)
        speaker = Speaker(engine, held, settings.url, http)
        joint = JointPublisher(Publisher(settings, engine, held, _trust(settings), http))
        chores: dict[str, Callable[[datetime], None]] = {
            **purges(settings, engine),
            "publication-failed": press.finish,
            "joint-publication-failed": joint.take_up,
            "statement-failed": lambda _now: speaker.finish(),
        }
        policy = Policy(settings.witnesses, settings.quorum, settings.patience)
        cosign = Witnesses(policy, http, system_clock).cosigned
        Worker(settings, engine, held, system_clock, chores, cosign).run(stop, interval)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
def metrics(host: str, port: int) -> None:
    """Serve Prometheus metrics of all processes that share PROMETHEUS_MULTIPROC_DIR, not for the public."""
    settings = _settings()
    measured = partial(gauges, settings, connect(settings.database), opened(settings), system_clock)
    serve_metrics(host, port, measured, told_to_stop())


@main.command()
def doctor() -> None:
    """Examine this installation; say what is not in order and what mends it. Exit code 1 then."""
    settings = _settings()
    with httpx.Client(verify=machine_trust(), trust_env=False) as http:
        engine, trust = connect(settings.database), _trust(settings)
        report(checks(Installation(settings, engine, opened(settings), trust, system_clock, http)))


@main.group()
def poll() -> None:
    """Polls."""


@poll.command()
@click.argument("draft", type=click.Path(path_type=Path))
def publish(draft: Path) -> None:
    """Publish the poll of a draft; the same draft again repeats the same publication."""
    with _joint() as joint, _told():
        poll_id = joint.publisher.publish(read_draft(draft), system_clock()).poll_id.hex()
        client = joint.publisher.settings.client
    _published(poll_id, client)


@poll.command()
@click.argument("draft", type=click.Path(path_type=Path))
@click.argument("proposal", type=click.Path(path_type=Path))
@click.option("--issuer", "issuers", multiple=True, required=True, help="URL of an issuer; repeat, in order.")
@click.option("--threshold", required=True, type=click.IntRange(1, 16), help="Tokens a ballot needs.")
@click.option("--faulty", required=True, type=click.IntRange(0, 15), help="Corrupt issuers to be borne.")
def propose(draft: Path, proposal: Path, issuers: tuple[str, ...], threshold: int, faulty: int) -> None:
    """Begin a poll of several issuers: writes PROPOSAL, which goes from one to the other."""
    with _joint() as joint, _told():
        made = joint.propose(read_draft(draft), issuers, threshold, faulty)
    write_durably(proposal, made.to_bytes())
    click.echo(f"next: contribute-key at {', '.join(made.missing)}")


@poll.command("contribute-key")
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def contribute_key(proposal: Path) -> None:
    """Add this issuer's fresh keys to PROPOSAL."""
    with _joint() as joint, _told():
        made = joint.contribute(parse_proposal(proposal.read_bytes()))
    write_durably(proposal, made.to_bytes())
    click.echo(
        f"next: contribute-key at {', '.join(made.missing)}" if made.missing else "next: sign, by each"
    )


@poll.command()
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def sign(proposal: Path) -> None:
    """Sign the manifest of PROPOSAL, once every issuer has contributed its keys."""
    with _joint() as joint, _told():
        made = joint.sign(parse_proposal(proposal.read_bytes()))
    write_durably(proposal, made.to_bytes())
    left = len(made.issuers) - len(made.signatures)
    click.echo(f"next: sign by {left} more" if left else "next: deliver, by any of them")


@poll.command()
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def deliver(proposal: Path) -> None:
    """Bring PROPOSAL, signed by every issuer, to the ballot box."""
    with _joint() as joint, _told():
        poll_id = joint.deliver(parse_proposal(proposal.read_bytes()), system_clock()).poll_id.hex()
        client = joint.publisher.settings.client
    _published(poll_id, client)


@poll.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("statement", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask: the text was read before.")
def countersign(kind: Kind, statement: Path, *, yes: bool) -> None:
    """Sign the STATEMENT of another issuer's office and, when enough have signed, bring it to the ballot box.

    Every issuer is to do so: it stops giving out ballots of a cancelled poll when it has the statement.
    """
    with _speaker() as speaker, _told():
        said = parse_statement(kind, statement.read_bytes())
        poll = speaker.poll_of(said)
        click.echo(f"{kind} of «{poll.manifest.title['ru']}»: {said.text.get('ru', '')}")
        if not yes:
            click.confirm("Sign it?", abort=True)
        signed = speaker.countersign(said)
        write_durably(statement, signed.encoded)
        try:
            speaker.deliver(poll, signed)
        except SignaturesMissing:
            left = poll.manifest.threshold - len(signed.signatures)
            click.echo(f"next: countersign by {left} more")
        else:
            click.echo("delivered; countersign by the other issuers too")


def _published(poll_id: str, client: str) -> None:
    click.echo(poll_id)
    click.echo(f"{client}/?poll={poll_id}")


@contextmanager
def _joint() -> Iterator[JointPublisher]:
    settings = _settings()
    with httpx.Client(verify=machine_trust()) as http:
        keys, trust = opened(settings), _trust(settings)
        yield JointPublisher(Publisher(settings, connect(settings.database), keys, trust, http))


@contextmanager
def _speaker() -> Iterator[Speaker]:
    settings = _settings()
    with httpx.Client(verify=machine_trust()) as http:
        yield Speaker(connect(settings.database), opened(settings), settings.url, http)


@contextmanager
def _told() -> Iterator[None]:
    """What can go wrong in a publication, in words for the operator."""
    try:
        yield
    except (DraftInvalid, ProposalInvalid) as error:
        raise click.ClickException(str(error)) from None
    except (StatementInvalid, SaidOtherwise) as error:
        reason = str(error) or "another statement of this kind was made before"
        raise click.ClickException(f"not published: {reason}") from None
    except (ManifestInvalid, ManifestSignaturesInvalid, NotTrusted, BoxRefused, LogRolledBack) as error:
        raise click.ClickException(f"not published: {error}") from None
    except (KeysMissing, SecretUnreadable) as error:
        raise click.ClickException(f"not published: {error}") from None
    except NotDelivered as error:
        click.echo(f"Not yet delivered: {error}. Repeat the same command.", err=True)
        raise SystemExit(EXIT_NOT_DELIVERED) from None


@main.group()
def operator() -> None:
    """Operators of the region."""


@operator.command("grant")
@click.option("--name", required=True, help="Who it is; officials see it beside their acts.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 1096), help="For how long.")
@click.option("--snils", prompt="SNILS", hide_input=True, help="Better typed than given here.")
def grant_operator(name: str, days: int, snils: str) -> None:
    """Let a person act for the whole region; they sign in with their ESIA account."""
    settings, now = _settings(), system_clock()
    try:
        person = opened(settings).official(parse_snils(snils))
    except EsiaAnswerInvalid:
        raise click.ClickException("this is no SNILS: 11 digits with the right check number") from None
    with write(connect(settings.database)) as conn:
        ends_at = now + timedelta(days=days)
        official = officials.grant(conn, person, "operator", name=name, starts_at=now, ends_at=ends_at)
        acts.record(conn, "operator-granted", official.hex(), now, by=None)
    click.echo(f"{name} is an operator until {ends_at:%Y-%m-%d}.")


def _settings() -> Settings:
    try:
        return read_settings()
    except ValidationError as error:
        raise click.ClickException(f"settings VECHE_ISSUER_...: {describe(error)}") from None


def _database(settings: Settings) -> Engine:
    """Of a service that starts: it keeps what it is given, and has the tables of this release."""
    engine = connect(settings.database)
    try:
        check_durable(engine)
        check_version(engine)
    except (NotDurable, WrongVersion) as error:
        raise click.ClickException(f"database: {error}") from None
    return engine


def _trust(settings: Settings) -> TrustRoot:
    try:
        return parse_trust(settings.trust.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{settings.trust}: {error.strerror}") from None
    except TrustInvalid as error:
        raise click.ClickException(f"{settings.trust}: {error}") from None
