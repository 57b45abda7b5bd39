"""`veche-trustee`: the key of a sealed poll, made by a ceremony and brought together after closing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from auditor.checks import run_checks
from auditor.cli import USAGE_EXIT_CODE
from auditor.commands.inputs import Usage, named_poll, trust_root, witness_key
from auditor.commands.progress import reported
from auditor.context import Audit, Brought
from auditor.record import read_record
from auditor.report import Report
from auditor.source import OutOfReach
from auditor.trustee.ceremony import Ceremony, hold, networks_up, sheets
from auditor.trustee.opening import AlreadyOpened, NotDelivered, NotReady, check_ready, deliver
from auditor.trustee.shares import Collection, ShareRefused
from shared.clock import system_clock
from shared.encoding import canonical_json
from shared.manifest import MAX_TRUSTEES, Manifest, Sealing
from shared.sealing import Opening, OpeningInvalid, check_private_key

TIME_LIMIT: Final = 6 * 3600


class Refused(click.ClickException):
    """Nothing was opened; the message says why."""


@click.group()
def cli() -> None:
    """The key of a sealed poll: made by a ceremony, brought together after closing."""


@cli.command()
@click.option("--threshold", required=True, type=click.IntRange(2, MAX_TRUSTEES),
              help="How many trustees open the poll.")  # fmt: skip
@click.option("--trustees", "number", required=True, type=click.IntRange(2, MAX_TRUSTEES),
              help="How many trustees there are.")  # fmt: skip
@click.option("--name", "names", multiple=True,
              help="A trustee's name, as the poll will show it. Give all of them, or none.")  # fmt: skip
@click.option("--sheets", "folder", required=True, type=click.Path(path_type=Path),
              help="A folder that is not there yet, in memory (such as /dev/shm/sheets).")  # fmt: skip
@click.option("--rehearsal", is_flag=True, help="Try it out, also with a network; the sheets say so.")
def ceremony(
    threshold: int,
    number: int,
    names: tuple[str, ...],
    folder: Path,
    rehearsal: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Make the key of a sealed poll on a machine without a network.

    One sheet for each trustee is written to a folder, to be printed; when you say that they are, the files
    are removed. What goes to standard output is public: the `sealing` of the poll's draft.
    """
    if threshold > number:
        raise Usage("the threshold is above the number of trustees")
    chosen = names or tuple(f"Хранитель {index}" for index in range(1, number + 1))
    if len(chosen) != number or len(set(chosen)) != number:
        raise Usage(f"{number} different names, or none")
    if (up := networks_up()) and not rehearsal:
        raise Refused(f"this machine has a network ({', '.join(up)}): take it off, or say --rehearsal")
    try:
        held = hold(threshold, chosen)
    except ValueError:
        raise Usage("a name is longer than 1000 characters, or holds control characters") from None
    with _printable(held, folder, rehearsal=rehearsal):
        click.echo(f"Листы для печати: {folder} (по одному на хранителя).", err=True)
        click.echo(f"Отпечаток ключа, один на всех листах: {held.sealing.fingerprint}", err=True)
        click.prompt("Когда листы напечатаны и проверены, нажмите Enter: файлы будут удалены",
                     default="", show_default=False, prompt_suffix=" ", err=True)  # fmt: skip
    click.echo(canonical_json(held.sealing.model_dump(mode="json")))


@contextmanager
def _printable(held: Ceremony, folder: Path, *, rehearsal: bool) -> Iterator[None]:
    """The sheets as files, for as long as they are printed; removed however that ends."""
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise Usage(f"{folder}: {error.strerror}") from None
    pages = {folder / name: page.encode() for name, page in sheets(held, rehearsal=rehearsal)}
    try:
        for path, page in pages.items():
            path.touch(mode=0o600)
            path.write_bytes(page)
        yield
    finally:
        for path, page in pages.items():
            path.write_bytes(bytes(len(page)))
            path.unlink()
        folder.rmdir()


@cli.command("open")
@click.argument("source")
@click.option("--trust", "trust_file", required=True, type=click.Path(path_type=Path),
              help="Pinned trust.json.")  # fmt: skip
@click.option("--witness", "witnesses", multiple=True,
              help="Verifier key of a witness. May be given several times.")  # fmt: skip
@click.option("--quorum", type=click.IntRange(1), help="How many of these must cosign; all by default.")
@click.option("--processes", type=click.IntRange(1, 256), default=lambda: os.cpu_count() or 1,
              help="How many processes verify; all cores by default.")  # fmt: skip
def open_poll(
    source: str, trust_file: Path, witnesses: tuple[str, ...], quorum: int | None, processes: int
) -> None:
    """Open the sealed poll at the URL SOURCE: verify its log, then ask for shares, then publish the key.

    Exit code 0: the poll is open. 1: it is not. 64: wrong usage.
    """
    keys = tuple(witness_key(text) for text in witnesses)
    brought = Brought(trust=trust_root(trust_file), witnesses=keys, quorum=quorum or len(keys))
    try:
        audit, report = _verified(source, brought, processes)
        sealing = check_ready(audit, report)
    except AlreadyOpened:
        click.echo("the poll is open already")
        return
    except NotReady as refused:
        raise Refused("\n".join(("not to be opened now:", *refused.reasons))) from None
    except OutOfReach as error:
        raise Refused(str(error)) from None
    click.echo(
        f"the log is verified and closed with {audit.leaves.ballots} ballots; {sealing.threshold} shares"
    )
    opening = Opening(audit.poll.poll_id, _rebuilt_key(sealing))
    _deliver(audit.poll.manifest, opening)
    click.echo("the poll is open: the ballot box has the key and counts")


def _verified(source: str, brought: Brought, processes: int) -> tuple[Audit, Report]:
    if not source.startswith(("http://", "https://")):
        raise Usage("SOURCE is the poll's URL")
    poll = named_poll(source, None, TIME_LIMIT)
    record = read_record(poll.open(), poll.poll_url)
    with reported() as progress:
        audit = Audit(record, poll.open, brought, system_clock(), processes, progress)
        return audit, run_checks(audit)


def _rebuilt_key(sealing: Sealing) -> bytes:
    """Ask until there are enough shares; they are never taken from the command line. Raises Refused."""
    shares = Collection(sealing.threshold)
    while shares.missing:
        number = sealing.threshold - shares.missing + 1
        try:
            shares.add(click.prompt(f"share {number} of {sealing.threshold}", err=True))
        except ShareRefused as refused:
            click.echo(str(refused), err=True)
        except click.Abort:
            raise Refused(f"{shares.missing} more shares are due: nothing is opened") from None
    try:
        private_key = shares.rebuild()
        check_private_key(sealing, private_key)
    except ShareRefused as refused:
        raise Refused(str(refused)) from None
    except OpeningInvalid:
        raise Refused("these shares are of the key of another poll") from None
    return private_key


def _deliver(manifest: Manifest, opening: Opening) -> None:
    """Bring the key to the box; again as long as the trustees wish. Raises Refused."""
    while True:
        try:
            return deliver(manifest, opening)
        except NotDelivered as error:
            click.echo(str(error), err=True)
        try:
            click.prompt("Enter: try again", default="", show_default=False, err=True)
        except click.Abort:
            raise Refused("the key was not delivered: begin again with the same shares") from None


def main() -> None:
    """Run the command line; wrong usage exits with 64."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1 if isinstance(error, Refused) else USAGE_EXIT_CODE)
    except click.Abort:
        sys.exit(130)
