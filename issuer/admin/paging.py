"""Lists in pages: an operator's grow for years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from flask import request

PER_PAGE: Final = 50
LAST: Final = 1_000_000
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Paged(Generic[RowT]):
    """One page of a list. `number`: 1, 2, 3, ...; `more`: whether another one follows."""

    rows: Sequence[RowT]
    number: int
    more: bool


def paged(name: str, listed: Callable[[int, int], Sequence[RowT]]) -> Paged[RowT]:
    """The page that the address asks for under this name, the first where it names none.

    `listed`: so many rows from a place on, given the place and the number.
    """
    number = min(max(request.args.get(name, 1, type=int), 1), LAST)
    found = listed((number - 1) * PER_PAGE, PER_PAGE + 1)
    return Paged(found[:PER_PAGE], number, len(found) > PER_PAGE)
