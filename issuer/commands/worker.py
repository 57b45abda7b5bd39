"""`veche-issuer worker`."""

from collections.abc import Callable
from datetime import datetime

import click

from issuer.admin.press import Press
from issuer.commands.database import database
from issuer.commands.inputs import opened, trust_root, with_settings
from issuer.joint import JointPublisher
from issuer.publication import Publisher
from issuer.retention import purges
from issuer.settings import Settings
from issuer.statements import Speaker
from issuer.worker import Worker
from shared.clock import system_clock
from shared.log.witnesses import Policy, Witnesses
from shared.logs import configure_logs
from shared.outgoing import http_client
from shared.stopping import told_to_stop


@click.command()
@click.option("--interval", default=5.0, type=click.FloatRange(0.05), help="Seconds between two passes.")
@with_settings
def worker(settings: Settings, interval: float) -> None:
    """Publish issuance logs, end issuance when polls close, forget expired sign-ins."""
    configure_logs("issuer")
    stop = told_to_stop()
    engine, held = database(settings), opened(settings)
    with http_client() as http:
        press = Press(settings, engine, held, trust_root(settings), http)
        speaker = Speaker(engine, held, settings.url, http)
        joint = JointPublisher(Publisher(settings, engine, held, trust_root(settings), http))
        chores: dict[str, Callable[[datetime], None]] = {
            **purges(settings, engine),
            "publication-failed": press.finish,
            "joint-publication-failed": joint.take_up,
            "statement-failed": lambda _now: speaker.finish(),
        }
        policy = Policy(settings.witnesses, settings.quorum, settings.patience)
        cosign = Witnesses(policy, http, system_clock).cosigned
        Worker(settings, engine, held, system_clock, chores, cosign).run(stop, interval)
