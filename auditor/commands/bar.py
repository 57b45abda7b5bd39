"""The progress bar on a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Bar:
    """A bar per log, drawn when there is news: no thread of its own, for processes are forked beside it."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), "{task.completed}/{task.total}",
            TimeRemainingColumn(), console=Console(stderr=True), transient=True, auto_refresh=False,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bar":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that so many of so many leaves of a log are done."""
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what[-48:], total=total)
        self._bar.update(self._tasks[what], completed=done, refresh=True)
