"""A town of 20,000 that votes: when people sign in, when their ballots go, which address it comes from.

Times are seconds from the opening. People come in a wave after the announcement, then by the hour of the day,
hardly at night, and once more before the end.
"""

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

POPULATION: Final = 20_000
TURNOUT: Final = 0.2
HOUR: Final = 3600
DAYS: Final = 10
CLOSES: Final = DAYS * 24 * HOUR
OPENS_AT_HOUR: Final = 8
"""The hour of the day, in the town, at which the poll opens."""
BY_HOUR: Final = (2, 1, 1, 1, 1, 3, 10, 25, 40, 50, 55, 55, 60, 60, 50, 50, 55, 65, 80, 95, 100, 80, 40, 10)
"""How likely each hour of the day is."""
ANNOUNCED: Final = 1.5
"""How much more likely the first hours are; half of it is gone after eight hours."""
HOUSEHOLD: Final = 2.5
BEHIND_ONE_ADDRESS: Final = 300
"""Subscribers of a mobile network behind one address of its NAT."""

Sending = Literal["now", "random", "later"]
Addresses = Literal["none", "nat", "own"]


@dataclass(frozen=True, slots=True)
class Voter:
    """One who took part."""

    signs_in: float
    casts: float
    address: int


def town(
    chance: random.Random, sending: Sending, addresses: Addresses = "none", *, hours: float = 24
) -> list[Voter]:
    """Everybody who took part. `hours`: the longest wait of a ballot that goes at a random moment."""
    people = range(round(POPULATION * TURNOUT))
    return [_voter(chance, sending, addresses, hours * HOUR) for _ in people]


def _voter(chance: random.Random, sending: Sending, addresses: Addresses, longest: float) -> Voter:
    signs_in = _arrival(chance, 0)
    reads = min(chance.lognormvariate(math.log(150), 0.6), 3 * HOUR)
    done = min(signs_in + reads, CLOSES - 1)
    casts = {
        "now": lambda: done,
        "random": lambda: done + chance.random() * min(longest, CLOSES - done),
        "later": lambda: _arrival(chance, done),
    }[sending]()
    return Voter(signs_in, casts, _address(chance, addresses))


def _arrival(chance: random.Random, earliest: float) -> float:
    """A moment at which somebody of the town is online, not before `earliest`: by rejection."""
    while True:
        moment = earliest + chance.random() * (CLOSES - earliest)
        hour = int(moment / HOUR + OPENS_AT_HOUR) % 24
        wave = ANNOUNCED * math.exp(-moment / HOUR / 11.5) + 0.3 * (moment > CLOSES - 24 * HOUR)
        if chance.random() * 100 * (1 + ANNOUNCED) < BY_HOUR[hour] * (1 + wave):
            return moment


def _address(chance: random.Random, addresses: Addresses) -> int:
    behind = {"none": POPULATION, "nat": BEHIND_ONE_ADDRESS, "own": HOUSEHOLD}[addresses]
    return chance.randrange(max(1, round(POPULATION / behind)))
