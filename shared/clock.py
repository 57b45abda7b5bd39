"""Time enters as an argument: a clock is a function without arguments that gives an aware UTC datetime."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

Clock = Callable[[], datetime]

ALTAI: Final = timezone(timedelta(hours=7), "UTC+7")
"""The zone of Altai Krai, for people and for full years of age."""


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)
