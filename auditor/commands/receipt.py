"""`veche-audit receipt`: is the ballot of this receipt in the log?"""

import sys
from pathlib import Path

import click

from auditor.commands.inputs import named_poll, receipt_file, trust_root
from auditor.commands.verify import TIME_LIMIT
from auditor.finding import find_leaf
from auditor.history import SignedHead
from auditor.logs import PollRefused, logs_of, read_poll
from auditor.record import read_head
from auditor.source import NotThere, OutOfReach
from crypto.errors import CryptoError
from shared.clock import system_clock
from shared.encoding import format_time, from_b64u
from shared.receipt import verify_receipt


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("source")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Pinned trust.json.")
def receipt(file: Path, source: str, trust_file: Path | None) -> None:
    """Check the receipt in FILE against the poll at SOURCE (URL, folder or zip).

    Exit code 0: the ballot is in the log. 1: it is not, and the receipt proves that it should be.
    2: it is not there yet, or it cannot be told.
    """
    try:
        code, words = _judge(file, source, trust_file)
    except (OutOfReach, NotThere, PollRefused, CryptoError) as error:
        code, words = 2, f"it cannot be told: {error}"
    click.echo(words)
    if trust_file is None:
        click.echo("no trust root given (--trust): the keys could be anybody's")
    sys.exit(code)


def _judge(file: Path, source: str, trust_file: Path | None) -> tuple[int, str]:
    kept = receipt_file(file)
    named = named_poll(source, kept.poll_id.hex(), TIME_LIMIT)
    fetch = named.open()
    poll = read_poll(fetch, named.poll_url, None if trust_file is None else trust_root(trust_file))
    if poll.poll_id != kept.poll_id:
        return 2, "the receipt is of another poll"
    box_key = from_b64u(poll.manifest.ballot_box.statement_key)
    verify_receipt(box_key, kept.poll_id, kept.leaf_hash, kept.signature)
    log = logs_of(poll)[0]
    head = SignedHead.opened(read_head(fetch, log.url).checkpoint, log.key).head
    index = find_leaf(fetch, log.url, head, kept.leaf_hash)
    if index is not None:
        return 0, f"the ballot is leaf {index} of {head.size} in {log.url}"
    due = poll.manifest.include_by
    if system_clock() < due:
        return 2, f"not among {head.size} leaves yet; it is due by {format_time(due)}"
    return 1, f"MISSING: the box promised this ballot by {format_time(due)}; the receipt proves it"
