"""The fictional residents. SNILS are below 001-001-998, which nobody is given; all else is invented."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

ELIGIBLE: Final = "eligible"
FIRST_OF_CROWD: Final = 2_000
MAX_CROWD: Final = 999_000
"""The SNILS of a crowd stay below 001-001-998, too: there the two last digits are not checked."""


@dataclass(frozen=True, slots=True)
class Resident:
    """One account. Text fields are as ESIA would send them, oddities included."""

    id: str
    """Short name, as the sign-in form sends it."""
    oid: int
    name: str
    note: str
    """What this resident shows, in Russian, for the sign-in page."""
    snils: str
    birth_date: str | None
    """ДД.ММ.ГГГГ, or None with `age_months`."""
    age_months: int | None
    """Always of this age, whatever the day: the birth date moves with the clock."""
    trusted: bool
    status: str
    addresses: tuple[Mapping[str, Any], ...]
    expected: Mapping[str, str]
    """For a poll of Barnaul and of the whole region (18 years, declared address): "eligible" or the slug of
    the refusal. Of two accounts with one SNILS the first in this list is taken to come first."""

    def birth_date_on(self, today: date) -> str:
        """The date of birth as ESIA writes it; `age_months` back from the first of the month."""
        if self.age_months is None:
            return self.birth_date or ""
        year, month = divmod(today.year * 12 + today.month - 1 - self.age_months, 12)
        return f"01.{month + 1:02d}.{year}"


def _read(entry: dict[str, Any]) -> Resident:
    return Resident(
        id=entry["id"],
        oid=entry["oid"],
        name=entry["name"],
        note=entry["note"],
        snils=entry["snils"],
        birth_date=entry.get("birth_date"),
        age_months=entry.get("age_months"),
        trusted=entry.get("trusted", True),
        status=entry.get("status", "REGISTERED"),
        addresses=tuple(entry["addresses"]),
        expected=entry["expected"],
    )


RESIDENTS: Final = tuple(
    _read(entry) for entry in json.loads(files(__package__).joinpath("residents.json").read_bytes())
)


def resident_of(name: str, *, crowd: int) -> Resident | None:
    """The resident of this short name: one of the list, or one of a crowd of so many."""
    number = name.removeprefix("crowd-")
    if number != name and number.isascii() and number.isdigit() and int(number) < crowd:
        return _one_of_the_crowd(int(number))
    return residents_by_id().get(name)


def _one_of_the_crowd(number: int) -> Resident:
    """A resident like the first of the list, with account and SNILS of their own."""
    digits = f"{FIRST_OF_CROWD + number:09d}"
    snils = f"{digits[:3]}-{digits[3:6]}-{digits[6:]} 00"
    return replace(RESIDENTS[0], id=f"crowd-{number}", oid=2_000_000_000 + number, snils=snils)


@cache
def residents_by_id() -> Mapping[str, Resident]:
    """All residents by their short name."""
    return {resident.id: resident for resident in RESIDENTS}
