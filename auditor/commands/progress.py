"""How far the reading is: a bar on a terminal, else one line for each tenth. All of it on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from auditor.scan import Progress


@contextmanager
def reported() -> Iterator[Progress]:
    """A progress report that fits where standard error goes."""
    if not sys.stderr.isatty():
        yield _tenths
        return
    from auditor.commands.bar import Bar  # noqa: PLC0415 - slow to load, and only terminals need it

    with Bar() as bar:
        yield bar


def _tenths(what: str, done: int, total: int) -> None:
    if done == total or done * 10 // total != max(0, done - 256) * 10 // total:
        click.echo(f"{what}: {done} of {total} leaves", err=True)
