"""What the adversary sees, and how it guesses: for each ballot, the person whose it may be.

Persons and ballots are numbers; ballot `i` is person `i`'s, which the adversary does not know. A guess is
right or wrong; guessing blindly is right once in as many times as there are persons.
"""

import math
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.unlinkability.town import HOUR, Voter

READS: Final = 150.0
"""The most likely time between sign-in and ballot, seconds, which the adversary knows."""
Guesses = list[int]


@dataclass(frozen=True, slots=True)
class Linked:
    """How many of how many guesses were right; `chance` is the share that blind guessing gets right."""

    right: int
    of: int
    chance: float

    @property
    def success(self) -> float:
        """The share of right guesses."""
        return self.right / self.of

    @property
    def advantage(self) -> float:
        """How much better than blind guessing."""
        return self.success - self.chance

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of `success` (Wilson)."""
        z, n, p = 1.96, self.of, self.success
        centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (centre - spread) / (1 + z * z / n)), (centre + spread) / (1 + z * z / n)


def judge(*rounds: Guesses) -> Linked:
    """Compare guesses, of one round or several, with the truth."""
    right = sum(person == ballot for guesses in rounds for ballot, person in enumerate(guesses))
    return Linked(right, sum(map(len, rounds)), 1 / len(rounds[0]))


def by_time(voters: Sequence[Voter]) -> Guesses:
    """Nearest time: who signed in closest to the usual time before the ballot came."""
    order = sorted(range(len(voters)), key=lambda person: voters[person].signs_in)
    times = [voters[person].signs_in for person in order]
    return [order[_nearest(times, voter.casts - READS)] for voter in voters]


def by_time_and_address(voters: Sequence[Voter]) -> Guesses:
    """The same among those who came from the ballot's address."""
    at: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for person, voter in enumerate(voters):
        at[voter.address].append((voter.signs_in, person))
    times = {address: [moment for moment, _ in sorted(came)] for address, came in at.items()}
    people = {address: [person for _, person in sorted(came)] for address, came in at.items()}
    return [
        people[voter.address][_nearest(times[voter.address], voter.casts - READS)] for voter in voters
    ]  # fmt: skip


def by_order(voters: Sequence[Voter]) -> Guesses:
    """Order: the n-th ballot is that of the n-th who signed in."""
    return _in_step(
        sorted(range(len(voters)), key=lambda person: voters[person].signs_in),
        sorted(range(len(voters)), key=lambda ballot: voters[ballot].casts),
    )


def by_position(people: Sequence[int], ballots: Sequence[int]) -> Guesses:
    """Log order or storage order: the n-th of one list belongs to the n-th of the other."""
    return _in_step(people, ballots)


def by_feature(
    of_people: Sequence[Hashable], of_ballots: Sequence[Hashable], chance: random.Random
) -> Guesses:
    """What person and ballot show alike (sizes, revisions, issuers): one of those who show the same."""
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for person, feature in enumerate(of_people):
        alike[feature].append(person)
    everybody = range(len(of_people))
    return [chance.choice(alike.get(feature) or everybody) for feature in of_ballots]


def by_batch(of_people: Sequence[int], of_ballots: Sequence[int], chance: random.Random) -> Guesses:
    """Batches: somebody of that batch of people which goes best with the ballot's batch."""
    people: dict[int, list[int]] = defaultdict(list)
    for person, batch in enumerate(of_people):
        people[batch].append(person)
    best = _best(of_people, of_ballots)
    return [chance.choice(people[best[batch]]) for batch in of_ballots]


def batch_bound(of_people: Sequence[int], of_ballots: Sequence[int]) -> float:
    """The success of `by_batch`, computed: nobody who sees batches alone is right more often.

    For a ballot of batch j and a person of batch i the chance to be right is M[i,j] / (n_i m_j), where M
    counts who is in both, n and m the batches; the adversary takes the best i for each j, and even knows M.
    """
    joint = Counter(zip(of_people, of_ballots, strict=True))
    sizes = Counter(of_people)
    best = _best(of_people, of_ballots)
    return sum(joint[i, j] / sizes[i] for j, i in best.items()) / len(of_ballots)


def batches(times: Sequence[float], wait: float, floor: int) -> list[int]:
    """The batch of each, as the box makes them: `floor` waiting, `wait` seconds since the first of them."""
    batch_of, first, number = [0] * len(times), 0.0, 0
    waiting: list[int] = []
    for one in sorted(range(len(times)), key=lambda index: times[index]):
        if waiting and len(waiting) >= floor and times[one] >= first + wait:
            waiting, number = [], number + 1
        first = times[one] if not waiting else first
        waiting.append(one)
        batch_of[one] = number
    return batch_of


def daily(times: Sequence[float]) -> list[int]:
    """The batch of each issuance: they are published once a day."""
    return [int(moment // (24 * HOUR)) for moment in times]


def _best(of_people: Sequence[int], of_ballots: Sequence[int]) -> dict[int, int]:
    joint, sizes = Counter(zip(of_people, of_ballots, strict=True)), Counter(of_people)
    best: dict[int, int] = {}
    for (i, j), number in sorted(joint.items()):
        if j not in best or number / sizes[i] > joint[best[j], j] / sizes[best[j]]:
            best[j] = i
    return best


def _in_step(people: Sequence[int], ballots: Sequence[int]) -> Guesses:
    guesses = [0] * len(ballots)
    for person, ballot in zip(people, ballots, strict=True):
        guesses[ballot] = person
    return guesses


def _nearest(times: Sequence[float], moment: float) -> int:
    after = bisect_left(times, moment)
    around = [index for index in (after - 1, after) if 0 <= index < len(times)]
    return min(around, key=lambda index: abs(times[index] - moment))
