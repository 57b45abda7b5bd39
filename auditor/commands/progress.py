"""How far the reading is: a bar on a terminal, else one line for each tenth. All of it on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from auditor.scan import Progress as Report


@contextmanager
def reported() -> Iterator[Report]:
    """A progress report that fits where standard error goes."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Progress(
            TextColumn("{task.description}"), BarColumn(), "{task.completed}/{task.total}",
            TimeRemainingColumn(), console=console, transient=True,
        ) as bar:  # fmt: skip
            yield _Bar(bar)
    else:
        yield _tenths


class _Bar:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what[-48:], total=total)
        self._bar.update(self._tasks[what], completed=done)


def _tenths(what: str, done: int, total: int) -> None:
    if done == total or done * 10 // total != max(0, done - 256) * 10 // total:
        click.echo(f"{what}: {done} of {total} leaves", err=True)
