"""The rows of the table: a value, the limit it is measured against in the same run, their ratio, the goal."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).with_name("results.json")
QUICK: Final = bool(os.environ.get("QUICK"))
_PACKAGES: Final = ("cryptography", "gmpy2", "granian", "Flask", "SQLAlchemy")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `ratio` is what `goal` is about: at least it, or at most where `most` is set."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    goal: float | None = None
    most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio <= self.goal if self.most else self.ratio >= self.goal

    def members(self) -> dict[str, Any]:
        """The row as it stands in results.json."""
        return {name: _rounded(value) for name, value in asdict(self).items()} | {"met": self.met}


def share(name: str, value: float, unit: str, limit: float, goal: float | None = None) -> Row:
    """A row whose ratio is its value divided by its limit."""
    return Row(name, value, unit, limit, value / limit, goal)


def best(rounds: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The best of the values, and the best of their limits, which were measured in turns.

    A shared machine is not the same from one second to the next, and what it does besides only takes away.
    """
    values, limits = zip(*rounds, strict=True)
    return max(values), max(limits)


def report(rows: Sequence[Row]) -> None:
    """Print the table, write results.json, print the goals met and missed as the last line."""
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.release()}
    versions = {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()}
    versions["openssl"] = subprocess.run(
        ["openssl", "version"], check=True, capture_output=True, text=True
    ).stdout.split()[1]
    print(f"{'':52} {'value':>10} {'unit':12} {'limit':>10} {'ratio':>7} {'goal':>7}")
    for row in rows:
        goal = "" if row.goal is None else f"{'<=' if row.most else '>='} {row.goal:g}"
        limit, ratio = (_printed(number) for number in (row.limit, row.ratio))
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        print(f"{row.name:52} {row.value:10.5g} {row.unit:12} {limit:>10} {ratio:>7} {goal:>7} {verdict}")
    members = [row.members() | {"machine": machine, "versions": versions} for row in rows]
    RESULTS.write_text(json.dumps(members, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    met, missed = ([row.name for row in rows if row.met is verdict] for verdict in (True, False))
    print(json.dumps({"met": met, "missed": missed}, sort_keys=True))


def _printed(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"


def _rounded(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value
