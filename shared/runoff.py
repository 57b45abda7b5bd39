"""Instant run-off over ranked ballots, docs/protocol.md 8.5: exact, and without any draw of lots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Rankings = Mapping[tuple[str, ...], int]
"""How many ballots rank these options in this order, the best first."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: votes of the options still in, ballots that rank none of them, and who leaves after it."""

    votes: tuple[tuple[str, int], ...]
    exhausted: int
    eliminated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunOff:
    """All rounds, and who leads at their end: one option, several that tie, or none where nobody voted."""

    rounds: tuple[Round, ...]
    leading: tuple[str, ...]


def run_off(options: Sequence[str], rankings: Rankings) -> RunOff:
    """Eliminate until an option has more than half of the votes of a round, or all that are left tie."""
    inside, rounds = list(options), list[Round]()
    while True:
        votes, exhausted = _votes(inside, rankings)
        total, highest = sum(votes.values()), max(votes.values())
        leading = [option for option in inside if votes[option] == highest]
        out = _weakest(inside, [dict(found.votes) for found in rounds] + [dict(votes)], rankings)
        over = 2 * highest > total or len(out) == len(inside)
        counted = tuple((option, votes[option]) for option in inside)
        rounds.append(Round(counted, exhausted, () if over else tuple(out)))
        if over:
            return RunOff(tuple(rounds), tuple(leading) if total else ())
        inside = [option for option in inside if option not in out]


def _votes(inside: Sequence[str], rankings: Rankings) -> tuple[Counter[str], int]:
    """Each ballot counts for the best option of it that is still in."""
    votes, exhausted = Counter(dict.fromkeys(inside, 0)), 0
    for ranking, ballots in rankings.items():
        best = next((option for option in ranking if option in votes), None)
        if best is None:
            exhausted += ballots
        else:
            votes[best] += ballots
    return votes, exhausted


def _weakest(inside: Sequence[str], rounds: Sequence[Mapping[str, int]], rankings: Rankings) -> list[str]:
    """Fewest votes in this round; of these fewest in the round before, and so on back; of these named by the
    fewest ballots; who then still tie leave together."""
    weakest = list(inside)
    named: Counter[str] = Counter()
    for ranking, ballots in rankings.items():
        named.update(dict.fromkeys(ranking, ballots))
    for votes in (*reversed(rounds), named):
        fewest = min(votes[option] for option in weakest)
        weakest = [option for option in weakest if votes[option] == fewest]
    return weakest
