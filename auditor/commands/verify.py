"""`veche-audit verify`: recompute a poll from its public data."""

import os
import sys
from pathlib import Path
from typing import Final

import click

from auditor.checks import run_checks
from auditor.commands.inputs import file_bytes, named_poll, receipt_file, trust_root, witness_key, write_page
from auditor.commands.progress import reported
from auditor.context import Audit, Brought
from auditor.record import read_record
from auditor.report import EXIT_CODES, Report
from auditor.source import OutOfReach
from shared.clock import system_clock

TIME_LIMIT: Final = 6 * 3600


@click.command()
@click.argument("source")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Pinned trust.json.")
@click.option("--checkpoint", "checkpoints", multiple=True, type=click.Path(path_type=Path),
              help="A checkpoint of this poll's logs seen earlier. May be given several times.")  # fmt: skip
@click.option("--receipt", "receipts", multiple=True, type=click.Path(path_type=Path),
              help="A receipt of a ballot of this poll. May be given several times.")  # fmt: skip
@click.option("--other", "others", multiple=True, type=click.Path(path_type=Path),
              help="A manifest.json of another poll: no key may stand in both.")  # fmt: skip
@click.option("--witness", "witnesses", multiple=True,
              help="Verifier key of a witness. May be given several times.")  # fmt: skip
@click.option(
    "--quorum", type=click.IntRange(1), help="How many of these witnesses must cosign; all by default."
)
@click.option("--client", is_flag=True, help="Compare the files at the client's origin with its releases.")
@click.option("--poll", "poll_id", help="The poll id, where a folder or zip holds several polls.")
@click.option("--processes", type=click.IntRange(1, 256), default=lambda: os.cpu_count() or 1,
              help="How many processes verify; all cores by default.")  # fmt: skip
@click.option("--time-limit", type=click.IntRange(1), default=TIME_LIMIT, show_default=True,
              help="Seconds after which nothing more is read from the network.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@click.option("--report", "page", type=click.Path(path_type=Path), help="Write the report as a page, too.")
def verify(
    source: str,
    trust_file: Path | None,
    checkpoints: tuple[Path, ...],
    receipts: tuple[Path, ...],
    others: tuple[Path, ...],
    witnesses: tuple[str, ...],
    quorum: int | None,
    client: bool,  # noqa: FBT001 - a click flag
    poll_id: str | None,
    processes: int,
    time_limit: int,
    as_json: bool,  # noqa: FBT001 - a click flag
    page: Path | None,
) -> None:
    """Verify the poll at SOURCE: its URL, a folder that mirrors the services' paths, or a record zip.

    Exit code 0: verified. 1: failed. 2: inconclusive. 64: wrong usage.
    """
    brought = Brought(
        trust=None if trust_file is None else trust_root(trust_file),
        checkpoints=tuple(file_bytes(path) for path in checkpoints),
        receipts=tuple(receipt_file(path) for path in receipts),
        manifests=tuple(file_bytes(path) for path in others),
        witnesses=tuple(witness_key(text) for text in witnesses),
        quorum=len(witnesses) if quorum is None else quorum,
        client=client,
    )
    try:
        report = _audit(source, poll_id, brought, processes, time_limit)
    except OutOfReach as error:
        click.echo(f"verdict: inconclusive ({error})")
        sys.exit(EXIT_CODES["inconclusive"])
    if page is not None:
        write_page(page, report)
    if as_json:
        click.echo(report.to_json().decode())
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(EXIT_CODES[report.verdict])


def _audit(source: str, poll_id: str | None, brought: Brought, processes: int, seconds: int) -> Report:
    poll = named_poll(source, poll_id, seconds)
    record = read_record(poll.open(), poll.poll_url)
    with reported() as progress:
        return run_checks(Audit(record, poll.open, brought, system_clock(), processes, progress))
