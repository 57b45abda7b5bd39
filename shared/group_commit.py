"""Group commit: what many ask at once becomes one transaction, and nobody is answered before its end.

A durable commit waits for the disk. One thread takes all that waits, settles it together, and answers each;
meanwhile the next group gathers.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import OperationalError

from shared.refusals import Refusal, Unavailable

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WAITING: Final = 256
"""How many may wait; whoever comes after is refused at once."""


class GroupCommit(Generic[Item, Outcome]):
    """One writer thread, started by the first who asks.

    `settle` gets the items of a group and gives the outcome of each, in their order, once its transaction is
    committed. An outcome that is a Refusal is raised to the one whom it concerns. When `settle` itself
    raises, nothing of the group may have been committed.
    """

    def __init__(
        self, settle: Callable[[Sequence[Item]], Sequence[Outcome | Refusal]], *, waiting: int = WAITING
    ) -> None:
        self._settle, self._most = settle, waiting
        self._queue: SimpleQueue[tuple[Item, Future[Outcome]]] = SimpleQueue()
        self._starting, self._writer = Lock(), Thread(target=self._write, daemon=True)

    def ask(self, item: Item) -> Outcome:
        """The outcome, durable. Raises the item's Refusal, and what `settle` raises.

        Raises Unavailable at once when too many wait: the request may be repeated as it is.
        """
        if self._queue.qsize() >= self._most:
            raise Unavailable
        self._start()
        answer: Future[Outcome] = Future()
        self._queue.put((item, answer))
        return answer.result()

    def _start(self) -> None:
        if self._writer.ident is None:
            with self._starting:
                if self._writer.ident is None:
                    self._writer.start()

    def _write(self) -> None:
        while True:
            group = [self._queue.get()]
            while not self._queue.empty():
                group.append(self._queue.get())
            self._answer(group)

    def _answer(self, group: Sequence[tuple[Item, Future[Outcome]]]) -> None:
        """Settle a group. Where `settle` stumbles over one item, each goes alone."""
        try:
            outcomes = self._settle([item for item, _ in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, Refusal | OperationalError):
                for one in group:
                    self._answer([one])
            else:
                for _, answer in group:
                    answer.set_exception(error)
            return
        for (_, answer), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
