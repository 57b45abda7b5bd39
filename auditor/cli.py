"""`veche-audit`: recompute a poll from its public data."""

import sys
from pathlib import Path

import click
import httpx

from auditor.checks import run_checks
from auditor.context import Audit, ReceiptFile
from auditor.record import Record, read_record
from auditor.report import EXIT_CODES
from auditor.source import NotThere, folder_source, http_source, poll_url_in
from shared.clock import system_clock
from shared.encoding import EncodingRefused, from_b64u, from_hex, parse_json
from shared.trust import TrustInvalid, TrustRoot, parse_trust

USAGE_EXIT_CODE = 64


class Usage(click.UsageError):
    """Wrong usage: exit code 64 (sysexits.h EX_USAGE)."""

    exit_code = USAGE_EXIT_CODE


@click.group()
def cli() -> None:
    """Check a poll from public data, as anybody can."""


@cli.command()
@click.argument("source")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Pinned trust.json.")
@click.option("--checkpoint", "checkpoints", multiple=True, type=click.Path(path_type=Path),
              help="A checkpoint of this poll that you saw earlier. May be given several times.")  # fmt: skip
@click.option("--receipt", "receipts", multiple=True, type=click.Path(path_type=Path),
              help="A receipt of a ballot of this poll. May be given several times.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def verify(
    source: str,
    trust_file: Path | None,
    checkpoints: tuple[Path, ...],
    receipts: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Verify the poll at SOURCE: its URL, or a folder that mirrors the services' paths.

    Exit code 0: verified. 1: failed. 2: inconclusive. 64: wrong usage.
    """
    audit = Audit(
        record=_record(source),
        trust=None if trust_file is None else _trust(trust_file),
        now=system_clock(),
        seen_checkpoints=tuple(_bytes(path) for path in checkpoints),
        receipts=tuple(_receipt(path) for path in receipts),
    )
    report = run_checks(audit)
    if as_json:
        click.echo(report.to_json().decode())
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(EXIT_CODES[report.verdict])


def main() -> None:
    """Run the command line; wrong usage exits with 64."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE_EXIT_CODE)
    except click.Abort:
        sys.exit(130)


def _record(source: str) -> Record:
    if source.startswith(("http://", "https://")):
        with httpx.Client() as http:
            return read_record(http_source(http), source.rstrip("/"), _progress)
    folder = Path(source)
    if not folder.is_dir():
        raise Usage(f"{source} is neither a URL nor a folder")
    try:
        return read_record(folder_source(folder), poll_url_in(folder), _progress)
    except NotThere as error:
        raise Usage(str(error)) from None


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[Kreading {what[-70:]}", err=True, nl=False)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None


def _trust(path: Path) -> TrustRoot:
    try:
        return parse_trust(_bytes(path))
    except TrustInvalid as error:
        raise Usage(f"{path}: {error}") from None


def _receipt(path: Path) -> ReceiptFile:
    try:
        members = parse_json(_bytes(path))
        return ReceiptFile(
            from_hex(members["poll_id"], size=32),
            from_hex(members["leaf_hash"], size=32),
            from_b64u(members["receipt"], size=64),
        )
    except (EncodingRefused, KeyError, TypeError, AttributeError):
        raise Usage(f"{path}: not a receipt file") from None
