"""Which of several workers on one database leads: a lease in the database, with a term that fences.

No clocks of two machines are compared. Who waits watches, on its own monotonic clock, whether the leader
still renews the row; a leader that was stopped and resumes finds the term moved on, its transaction undone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import Connection, Engine, select, update

from ballot_box.tables import leader
from shared.db import read, write


class Deposed(Exception):
    """Another worker leads: what this one was about to commit must not be."""


@dataclass
class Lease:
    """One worker's view of the lease. `patience`: seconds without a renewal after which it is taken over."""

    engine: Engine
    patience: float
    clock: Callable[[], float] = monotonic
    term: int | None = None
    """The term in which this worker leads, or None."""
    _seen: tuple[int, int | None] | None = field(default=None, repr=False)
    _since: float = 0.0

    def lead(self) -> bool:
        """Renew the lease, or take one that is free or not renewed; whether this worker leads now."""
        if self.term is not None:
            try:
                with write(self.engine) as conn:
                    self.renew(conn)
            except Deposed:
                self.term = None
        return self.term is not None or self._take()

    def renew(self, conn: Connection) -> None:
        """Renew inside a writing transaction. Raises Deposed; then the transaction must not commit."""
        column = leader.c
        mine = (column.term == self.term) & column.beat.is_not(None)
        if conn.execute(update(leader).where(mine).values(beat=column.beat + 1)).rowcount != 1:
            raise Deposed

    def release(self) -> None:
        """Let another worker lead at once."""
        with write(self.engine) as conn:
            conn.execute(update(leader).where(leader.c.term == self.term).values(beat=None))
        self.term = None

    def _take(self) -> bool:
        with read(self.engine) as conn:
            row = conn.execute(select(leader.c.term, leader.c.beat)).one()
        seen = (row.term, row.beat)
        if seen != self._seen:
            self._seen, self._since = seen, self.clock()
        if row.beat is not None and self.clock() - self._since < self.patience:
            return False
        unchanged = (leader.c.term == row.term) & leader.c.beat.is_not_distinct_from(row.beat)
        with write(self.engine) as conn:
            taken = conn.execute(update(leader).where(unchanged).values(term=row.term + 1, beat=0)).rowcount
        if taken:
            self.term = row.term + 1
        return bool(taken)
