"""The time of tests, in which it is noon of one day until a test says otherwise."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that a test sets."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now
