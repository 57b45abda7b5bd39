"""Places by OKTMO (OK 033-2013), and who belongs to the territory of a poll.

The table `data/municipalities.csv` is dated: a municipality that became another keeps its row, and the later
row names its predecessor. An empty date means that the table does not know it. What is not in the table is
unknown, not "elsewhere": nobody is turned away as a non-resident because a table is old.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal, cast, get_args

REGION: Final = "01000000"
REGION_NAME: Final = "Алтайский край"

Kind = Literal["municipal okrug", "district", "urban okrug"]

_COLUMNS = ["code", "name", "centre", "kind", "valid_from", "valid_to", "predecessor"]
_OKTMO = re.compile(r"([0-9]{8})(?:[0-9]{3})?")


class UnknownTerritory(Exception):
    """A code that the table does not have; the message does not repeat it, for it may be a resident's."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """One row: `code` is 8 digits ending in 000; valid from its first day to the day before `valid_to`."""

    code: str
    name: str
    centre: str
    kind: Kind
    valid_from: date | None
    valid_to: date | None
    predecessor: str | None

    def is_valid(self, on: date) -> bool:
        """Whether the municipality exists on that day, as far as the table knows."""
        started = self.valid_from is None or self.valid_from <= on
        return started and (self.valid_to is None or on < self.valid_to)


def municipality_of(oktmo: str) -> str:
    """The code of the municipality around an OKTMO code of 8 or 11 digits.

    Raises UnknownTerritory for anything else, another region and municipalities that the table does not have.
    """
    return _known(_municipality_code(_eight(oktmo))).code


def covers(territory_codes: Iterable[str], oktmo: str) -> bool:
    """Whether a resident's OKTMO code (8 or 11 digits) lies within any of the territory's codes (8 digits).

    The region covers all its codes. A municipality covers its settlements, and those of its predecessors and
    successors, for these are the same place. A settlement covers itself alone. Other regions are outside.
    Raises UnknownTerritory when the resident's or the territory's municipality is not in the table.
    """
    place = _eight(oktmo)
    if not place.startswith(REGION[:2]):
        return False
    # Each code is judged before the first match is taken, so that a bad one is noticed whoever asks.
    matches = [_code_covers(_eight(code), place) for code in territory_codes]
    return any(matches)


def municipalities(on: date) -> tuple[Municipality, ...]:
    """The municipalities of the region that exist on that day, by code."""
    return tuple(found for _, found in sorted(_table().items()) if found.is_valid(on))


def name_of(code: str, on: date) -> str:
    """The name on that day of the region or a municipality, given its code of 8 digits.

    Raises UnknownTerritory when the table has no such code, or not for that day.
    """
    if code == REGION:
        return REGION_NAME
    municipality = _known(code)
    if not municipality.is_valid(on):
        raise UnknownTerritory("the municipality does not exist on that day")
    return municipality.name


def _code_covers(code: str, place: str) -> bool:
    if code == REGION:
        return True
    first = _origin(_municipality_code(code))
    if code.endswith("000"):
        return first == _origin(_municipality_code(place))
    return code == place


def _origin(code: str) -> str:
    """The oldest municipality of the same place."""
    municipality = _known(code)
    return code if municipality.predecessor is None else _origin(municipality.predecessor)


def _eight(oktmo: str) -> str:
    match = _OKTMO.fullmatch(oktmo)
    if match is None:
        raise UnknownTerritory("an OKTMO code has 8 or 11 digits")
    return match[1]


def _municipality_code(oktmo: str) -> str:
    return oktmo[:5] + "000"


def _known(code: str) -> Municipality:
    municipality = _table().get(code)
    if municipality is None:
        raise UnknownTerritory("no municipality of the region has this code")
    return municipality


@cache
def _table() -> dict[str, Municipality]:
    text = files("shared").joinpath("data/municipalities.csv").read_text(encoding="utf-8")
    return parse_table(text)


def parse_table(text: str) -> dict[str, Municipality]:
    """The municipalities of a CSV table by code.

    Raises ValueError when columns, codes, kinds, dates or predecessors are not as they should be.
    """
    rows = csv.reader(text.splitlines(), strict=True)
    if next(rows, None) != _COLUMNS:
        raise ValueError(f"the columns are {','.join(_COLUMNS)}")
    table: dict[str, Municipality] = {}
    for row in rows:
        municipality = _parse_row(row)
        if municipality.code in table:
            raise ValueError(f"{municipality.code} is there twice")
        table[municipality.code] = municipality
    _check_predecessors(table)
    return table


def _parse_row(row: list[str]) -> Municipality:
    code, name, centre, kind, valid_from, valid_to, predecessor = row
    if re.fullmatch(r"01[0-9]{3}000", code) is None or code == REGION:
        raise ValueError(f"{code} is not the code of a municipality of the region")
    if kind not in get_args(Kind) or not name or not centre:
        raise ValueError(f"{code} needs a name, a centre and a kind")
    return Municipality(
        code, name, centre, cast(Kind, kind), _day(valid_from), _day(valid_to), predecessor or None
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _check_predecessors(table: dict[str, Municipality]) -> None:
    for municipality in table.values():
        before = municipality.predecessor
        seen = {municipality.code}
        while before is not None:
            if before not in table or before in seen:
                raise ValueError(f"{municipality.code} has no sound line of predecessors")
            seen.add(before)
            before = table[before].predecessor
