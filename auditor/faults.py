"""Offending records, listed in order; of a flood only the first ones, and how many more there are."""

from dataclasses import dataclass, field
from typing import Final

MAX_LISTED: Final = 10_000


@dataclass(slots=True)
class Faults:
    """`number` of offending records; `listed`: a line for each, at most 10,000."""

    number: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Note one more."""
        self.number += 1
        if self.number <= MAX_LISTED:
            self.listed.append(line)

    def lines(self) -> tuple[str, ...]:
        """The lines, at most 10,000, and how many are left out."""
        more = self.number - len(self.listed)
        return (*self.listed, *((f"and {more} more",) if more else ()))
