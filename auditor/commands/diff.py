"""`veche-audit diff`: do two copies of a poll, or an evidence file, show one history?"""

import sys
from pathlib import Path

import click

from auditor.commands.inputs import Usage, file_bytes, named_poll
from auditor.commands.verify import TIME_LIMIT
from auditor.evidence import Evidence, NoEvidence
from auditor.history import Forked, NotShown, SignedHead, check_extends
from auditor.logs import NamedLog, PollRefused, logs_of, read_poll
from auditor.record import read_head
from auditor.source import Fetch, OutOfReach
from crypto.errors import CryptoError


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--evidence", type=click.Path(path_type=Path), help="Where to write what proves a fork.")
def diff(old: str, new: str | None, evidence: Path | None) -> None:
    """Check that the poll OLD (URL, folder, zip) only grew to become NEW; or, alone, check an evidence file.

    Exit code 0: one history. 1: two histories (for an evidence file: it proves so). 2: it cannot be told.
    """
    if new is None:
        _judge(Path(old))
    try:
        worst = max(_compare(old, new or "", evidence))
    except (OutOfReach, PollRefused) as error:
        click.echo(str(error))
        worst = 2
    sys.exit({0: 0, 1: 2, 2: 1}[worst])


def _judge(path: Path) -> None:
    try:
        click.echo(f"proven: {Evidence.parse(file_bytes(path)).check()}")
    except NoEvidence as error:
        click.echo(f"proves nothing: {error}")
        sys.exit(2)
    sys.exit(1)


def _compare(old: str, new: str, evidence: Path | None) -> list[int]:
    """Per log how bad it is: 0 one history, 1 not to be told, 2 two histories."""
    first, second = named_poll(old, None, TIME_LIMIT), named_poll(new, None, TIME_LIMIT)
    before, after = first.open(), second.open()
    poll = read_poll(after, second.poll_url, None)
    if read_poll(before, first.poll_url, None).poll_id != poll.poll_id:
        raise Usage("these are two polls")
    return [_compare_log(log, before, after, evidence) for log in logs_of(poll)]


def _compare_log(log: NamedLog, before: Fetch, after: Fetch, evidence: Path | None) -> int:
    heads = [read_head(fetch, log.url) for fetch in (before, after)]
    if not heads[0].checkpoint:
        click.echo(f"{log.url}: not published in OLD")
        return 0
    try:
        pairs = zip(
            (before, after), (SignedHead.opened(head.checkpoint, log.key) for head in heads), strict=True
        )
        (_, small), (fetch, large) = sorted(pairs, key=lambda pair: pair[1].head.size)
        check_extends(log.key, small, large, fetch, log.url)
    except Forked as fork:
        click.echo(f"{log.url}: two histories: {fork}")
        if evidence is not None:
            evidence.write_bytes(fork.evidence.to_bytes())
        return 2
    except (NotShown, OutOfReach, CryptoError) as error:
        click.echo(f"{log.url}: it cannot be told: {error}")
        return 1
    click.echo(f"{log.url}: one history, {small.head.size} and {large.head.size} leaves")
    return 0
