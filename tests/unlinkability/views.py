"""What is measured: for each view that an adversary may have, its best strategy against blind guessing."""

import random
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.unlinkability.adversary import (
    Linked,
    batch_bound,
    batches,
    by_batch,
    by_feature,
    by_order,
    by_position,
    by_time,
    by_time_and_address,
    daily,
    judge,
)
from tests.unlinkability.town import HOUR, Addresses, Sending, Voter, town

FLOOR: Final = 20
WAIT: Final = 1.0 * HOUR
"""As the office sets them for new polls (`VECHE_ISSUER_BATCH_FLOOR`, `_LONGEST_WAIT`)."""
SENDINGS: Final[tuple[Sending, ...]] = ("now", "random", "later")
ADDRESSES: Final[tuple[Addresses, ...]] = ("none", "nat", "own")
ROUNDS: Final = 25
"""How often a guess that needs luck is tried, so that its share is seen and not its luck."""
ISSUERS: Final = 4
THRESHOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One view: who sees what, how ballots were sent, by which strategy; the bound where one is computed."""

    view: str
    sending: Sending
    strategy: str
    linked: Linked
    bound: float | None = None

    def members(self) -> dict[str, Any]:
        """As JSON."""
        low, high = self.linked.interval
        numbers = {"success": self.linked.success, "chance": self.linked.chance, "low": low, "high": high}
        if self.bound is not None:
            numbers["bound"] = self.bound
        rounded = {name: round(number, 6) for name, number in numbers.items()}
        return {"view": self.view, "sending": self.sending, "strategy": self.strategy, **rounded}


def measure(seed: int) -> Iterator[Measured]:
    """All views, deterministic for a seed."""
    for sending in SENDINGS:
        chance = random.Random(f"{seed} {sending}")
        voters = town(chance, sending)
        yield from public_data(voters, sending, chance)
        yield from one_operator(voters, sending, chance)
        for addresses in ADDRESSES:
            yield from both_operators(town(chance, sending, addresses), sending, addresses)


def public_data(voters: list[Voter], sending: Sending, chance: random.Random) -> Iterator[Measured]:
    """The logs, and the files of both services once they are swept: batches, in an idle order."""
    issued = daily([voter.signs_in for voter in voters])
    cast = batches([voter.casts for voter in voters], WAIT, FLOOR)
    bound = batch_bound(issued, cast)
    view = "public data, and data at rest of both"
    yield Measured(
        view, sending, "batches", judge(*(by_batch(issued, cast, chance) for _ in range(ROUNDS))), bound
    )
    orders = (by_position(_shuffled(issued, chance), _shuffled(cast, chance)) for _ in range(ROUNDS))
    yield Measured(view, sending, "log order", judge(*orders))
    alike = [0] * len(voters)
    yield Measured(view, sending, "sizes, revisions", _by_feature(alike, chance))
    subsets = [_subset(chance) for _ in voters]
    yield Measured(view, sending, "issuer subsets (4 issuers)", _by_feature(subsets, chance))


def one_operator(voters: list[Voter], sending: Sending, chance: random.Random) -> Iterator[Measured]:
    """Live traffic of one service, and what is public of the other."""
    issued, cast = [voter.signs_in for voter in voters], [voter.casts for voter in voters]
    for view, people, ballots in (
        ("live traffic of the issuer alone", _hours(issued), batches(cast, WAIT, FLOOR)),
        ("live traffic of the ballot box alone", daily(issued), _hours(cast)),
    ):
        linked = judge(*(by_batch(people, ballots, chance) for _ in range(ROUNDS)))
        yield Measured(view, sending, "batches", linked, batch_bound(people, ballots))


def both_operators(voters: list[Voter], sending: Sending, addresses: Addresses) -> Iterator[Measured]:
    """Live traffic of both, with what the addresses add."""
    seen = {"none": "no addresses", "nat": "addresses behind a carrier's NAT", "own": "one address per home"}
    name = f"live traffic of both, {seen[addresses]}"
    yield Measured(name, sending, "nearest time", judge(by_time(voters)))
    if addresses == "none":
        yield Measured(name, sending, "order", judge(by_order(voters)))
    else:
        yield Measured(name, sending, "address and time", judge(by_time_and_address(voters)))


def within_batches(rounds: int, size: int, chance: random.Random) -> tuple[int, int]:
    """Right guesses by log order inside single batches, and as many as blind guessing is expected to get."""
    right = 0
    for _ in range(rounds):
        people, ballots = list(range(size)), list(range(size))
        chance.shuffle(people)
        chance.shuffle(ballots)
        right += judge(by_position(people, ballots)).right
    return right, rounds


def curve(seed: int) -> Iterator[tuple[float, float]]:
    """Hours within which a ballot is sent at a random moment, and how often both operators are right."""
    for hours in (0.0, 0.25, 0.5, 1, 2, 4, 8, 12, 24, 48, 96):
        voters = town(random.Random(f"{seed} curve {hours}"), "random", hours=hours)
        yield hours, judge(by_time(voters)).success


def _by_feature(features: Sequence[Hashable], chance: random.Random) -> Linked:
    return judge(*(by_feature(features, features, chance) for _ in range(ROUNDS)))


def _subset(chance: random.Random) -> tuple[int, ...]:
    """The issuers that signed: the first ones, and once in twenty one of them was out of reach."""
    left = [issuer for issuer in range(ISSUERS) if chance.random() > 0.02]
    return tuple(left[:THRESHOLD])


def _hours(times: list[float]) -> list[int]:
    """The hour of each: fine enough for who compares it with batches of an hour or more."""
    return [int(moment // HOUR) for moment in times]


def _shuffled(batch_of: list[int], chance: random.Random) -> list[int]:
    """Numbers in the order of a log: by batch, and at random inside it."""
    return sorted(range(len(batch_of)), key=lambda one: (batch_of[one], chance.random()))
