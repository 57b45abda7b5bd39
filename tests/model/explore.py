"""Breadth-first search over the states of a model; the first broken invariant comes with the way to it."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

StateT = TypeVar("StateT", bound=Hashable)
Step = tuple[str, StateT]


@dataclass(frozen=True, slots=True)
class Explored(Generic[StateT]):
    """How many states there are, and steps between them; what is broken, and the steps that lead there."""

    states: int
    steps: int
    broken: str = ""
    way: tuple[str, ...] = ()


def explore(
    start: StateT,
    steps: Callable[[StateT], Iterator[Step[StateT]]],
    broken: Callable[[StateT], str],
) -> Explored[StateT]:
    """Visit every state that can be reached. `broken` names the promise that a state breaks, or is empty."""
    came_from: dict[StateT, tuple[str, StateT] | None] = {start: None}
    waiting, taken = deque([start]), 0
    while waiting:
        state = waiting.popleft()
        if fault := broken(state):
            return Explored(len(came_from), taken, fault, _way(came_from, state))
        for name, following in steps(state):
            taken += 1
            if following not in came_from:
                came_from[following] = (name, state)
                waiting.append(following)
    return Explored(len(came_from), taken)


def _way(came_from: dict[StateT, tuple[str, StateT] | None], state: StateT) -> tuple[str, ...]:
    way: list[str] = []
    while (came := came_from[state]) is not None:
        name, state = came
        way.append(name)
    return tuple(reversed(way))
