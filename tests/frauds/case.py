"""A case of the catalogue: an edit of an honest election, and what an audit must say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from auditor.report import Verdict
from tests.simulator import AFTER, Election, honest_election

Edit = Callable[[Election], None]


@dataclass(frozen=True)
class Case:
    """One case. `failed`: the ids of exactly those checks that fail."""

    name: str
    story: str
    failed: tuple[str, ...]
    edit: Edit
    now: datetime = AFTER
    start: Callable[[], Election] = field(default=honest_election)
    verdict: Verdict = "failed"
    attack: str = ""
    """The row of docs/attacks.md that this is an instance of, if any."""

    def election(self) -> Election:
        """The election after the edit."""
        election = self.start()
        self.edit(election)
        return election


CASES: dict[str, Case] = {}


def crime(
    *failed: str,
    start: Callable[[], Election] = honest_election,
    now: datetime = AFTER,
    verdict: Verdict = "failed",
    attack: str = "",
) -> Callable[[Edit], Edit]:
    """Enter an edit in the catalogue under its name; its docstring is the story."""

    def enter(edit: Edit) -> Edit:
        name = edit.__name__.replace("_", "-")
        CASES[name] = Case(name, edit.__doc__ or "", failed, edit, now, start, verdict, attack)
        return edit

    return enter
