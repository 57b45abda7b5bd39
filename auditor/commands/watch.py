"""`veche-audit watch`: look at polls at random times, and raise an alarm when a log changes its past."""

import secrets
import sys
import time
from pathlib import Path

import click

from auditor.commands.inputs import trust_root
from auditor.logs import NamedLog, PollRefused, catalogue_of, logs_of, read_poll
from auditor.source import Fetch, OutOfReach
from auditor.watching import Alarm, Watch
from auditor.web import Web
from shared.trust import TrustRoot

ROUND_SECONDS = 600
"""How long one round may read."""


@click.command()
@click.argument("polls", nargs=-1, required=True)
@click.option("--folder", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Keeps every checkpoint seen, and the alarms.")  # fmt: skip
@click.option(
    "--trust",
    "trust_file",
    type=click.Path(path_type=Path),
    help="Pinned trust.json: its catalogue is watched, too.",
)
@click.option("--mean-seconds", type=click.FloatRange(0), default=1800, show_default=True,
              help="Mean time between two looks, which come at random times.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(0), default=0, help="Stop after so many looks; 0: never.")
def watch(
    polls: tuple[str, ...], folder: Path, trust_file: Path | None, mean_seconds: float, rounds: int
) -> None:
    """Watch the polls at these URLs. The first alarm ends the watch: a file in FOLDER and exit code 1.

    With --rounds exit code 0: all was well in the last round; 2: something was out of reach in it.
    """
    trust = None if trust_file is None else trust_root(trust_file)
    memory, done = Watch(folder), 0
    while True:
        try:
            reached = [_look(memory, poll.rstrip("/"), trust) for poll in polls]
            reached += [] if trust is None else [_look_at(memory, catalogue_of(trust), _round())]
        except Alarm as alarm:
            click.echo(f"ALARM {alarm}\nevidence: {alarm.file}")
            sys.exit(1)
        done += 1
        if done == rounds:
            sys.exit(0 if all(reached) else 2)
        time.sleep(secrets.SystemRandom().expovariate(1 / mean_seconds) if mean_seconds else 0)


def _look(memory: Watch, poll_url: str, trust: TrustRoot | None) -> bool:
    """Look at every log of a poll; whether all that is published could be read. Raises Alarm."""
    fetch = _round()
    try:
        logs = logs_of(read_poll(fetch, poll_url, trust))
    except (OutOfReach, PollRefused) as error:
        click.echo(str(error))
        return False
    seen = [_look_at(memory, log, fetch) for log in logs]
    return all(seen)


def _round() -> Fetch:
    return Web(time.monotonic() + ROUND_SECONDS)()


def _look_at(memory: Watch, log: NamedLog, fetch: Fetch) -> bool:
    try:
        click.echo(memory.look(log, fetch))
    except OutOfReach as error:
        click.echo(str(error))
        return str(error).startswith("not there")
    return True
