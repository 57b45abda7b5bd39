"""Gathering: what arrives while a group is being settled is the next group, and one thread settles it all.

For work that costs less together: one transaction, one durable commit for all who ask at once. Everything but
`settle` runs in one event loop.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import InternalError, OperationalError

from shared.refusals import Refusal, Unavailable

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WAITING: Final = 256
"""How many may wait; whoever comes after is refused at once."""
AT_ONCE: Final = 64
"""The largest group: the first of it waits for the last."""


class Gathering(Generic[Item, Outcome]):
    """`settle` gets the items of a group, and gives the outcome of each, in their order.

    An outcome that is an exception is raised to whom it concerns. When `settle` itself raises, nothing of the
    group may have been committed.
    """

    def __init__(
        self,
        settle: Callable[[Sequence[Item]], Sequence[Outcome | Exception]],
        *,
        most: int = WAITING,
    ) -> None:
        self._settle, self._most = settle, most
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gathering")
        self._work: asyncio.Task[None] | None = None

    def check_room(self) -> None:
        """Raises Unavailable when too many wait: the request may be repeated as it is."""
        if len(self._waiting) >= self._most:
            raise Unavailable

    async def ask(self, item: Item) -> Outcome:
        """The outcome, once its group is settled. Raises Unavailable at once when too many wait."""
        self.check_room()
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._settle_all())
        return await answer

    async def _settle_all(self) -> None:
        loop = asyncio.get_running_loop()
        while group := self._waiting[:AT_ONCE]:
            del self._waiting[:AT_ONCE]
            items = [item for item, _ in group]
            outcomes = await loop.run_in_executor(self._thread, self._outcomes, items)
            for (_, answer), outcome in zip(group, outcomes, strict=True):
                if answer.cancelled():  # who asked has gone
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)

    def _outcomes(self, items: Sequence[Item]) -> Sequence[Outcome | Exception]:
        """Settle a group. Where `settle` stumbles over one item, each goes alone."""
        try:
            return self._settle(items)
        except Exception as error:
            if len(items) == 1 or isinstance(error, Refusal | OperationalError | InternalError):
                return [error] * len(items)
            return [outcome for item in items for outcome in self._outcomes([item])]
