"""`veche-audit mirror`: keep a copy of a poll's public data."""

import sys
from pathlib import Path

import click

from auditor.commands.inputs import named_poll
from auditor.commands.progress import reported
from auditor.commands.verify import TIME_LIMIT
from auditor.copying import Copy
from auditor.scan import Progress
from auditor.source import NotThere, OutOfReach


@click.command()
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--poll", "poll_id", help="The poll id, where a folder or zip holds several polls.")
@click.option("--time-limit", type=click.IntRange(1), default=TIME_LIMIT, show_default=True,
              help="Seconds after which nothing more is read from the network.")  # fmt: skip
def mirror(source: str, target: Path, poll_id: str | None, time_limit: int) -> None:
    """Copy the poll at SOURCE into the folder TARGET, or into a record zip if TARGET ends with .zip.

    A folder may be copied into again: what it holds stays, new leaves are added.
    Exit code 0: copied. 2: something was out of reach. 64: wrong usage.
    """
    try:
        poll = named_poll(source, poll_id, time_limit)
        copy = Copy(poll.open(), poll.poll_url)
        with reported() as progress:
            if target.suffix == ".zip":
                _write_whole(copy, target, progress)
            else:
                copy.to_folder(target, progress)
    except NotThere as error:
        click.echo(f"not there: {error}", err=True)
        sys.exit(2)
    except (OutOfReach, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _write_whole(copy: Copy, target: Path, progress: Progress) -> None:
    """The record zip, or what was at its place before: never a part of one."""
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            copy.to_zip(out, progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
