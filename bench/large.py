"""What a ballot costs where there are many already: casting it, and auditing it.

Casting: groups of 64 through the desk, each verified, stored with full sync and promised, into a box that
holds so many ballots; by processor time, and by the clock, which the goal is about.

Auditing: `veche-audit verify` of so many, processor time of all its processes, start and all. Its growth is
what each further ballot costs between neighbouring sizes, which leaves the start out. One thing flatters it:
1,000 ballots are read in one process (four bundles at most are), so that the start of the others counts
among the ballots up to 10,000.
"""

import pickle
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from ballot_box import store, tables
from ballot_box.casting import BallotDesk
from ballot_box.routes.casting import DESK
from ballot_box.store import NewBallot
from bench.audit import measured
from bench.casting import prepared
from bench.growth import ENTRY, SIZES, grown
from bench.record import large_record
from bench.rows import Row, report
from crypto.merkle import leaf_hash
from shared.db import read, write
from shared.log.sequencer import append_all, by_lot, sequence
from shared.web.gathering import AT_ONCE
from tests.ballot_box.box import Box

GROUPS: Final = 16
"""That are measured; as many come before."""
ROUNDS: Final = 3


class Cost(NamedTuple):
    """Seconds of a ballot: of the processor, and by the clock."""

    processor: float
    clock: float


def rows() -> list[Row]:
    """Casting and audit at each size, and their growth."""
    return [*_casting_rows(), *_audit_rows()]


def _casting_rows() -> Iterator[Row]:
    rounds = [{size: _casting(size) for size in SIZES} for _ in range(ROUNDS)]
    costs = {size: _least([one[size] for one in rounds]) for size in SIZES}
    for size, cost in costs.items():
        yield Row(f"casting into {size} ballots, processor time", cost.processor * 1e6, "us a ballot")
        yield Row(f"casting into {size} ballots, by the clock", cost.clock * 1e6, "us a ballot")
    yield grown("casting", SIZES[-1], costs[SIZES[-1]].clock, costs[SIZES[0]].clock)


def _least(costs: list[Cost]) -> Cost:
    return Cost(min(cost.processor for cost in costs), min(cost.clock for cost in costs))


def _audit_rows() -> Iterator[Row]:
    spent = {size: min(_auditing(size) for _ in range(_rounds(size))) for size in SIZES}
    for size, seconds in spent.items():
        yield Row(f"audit of {size} ballots, start and all", seconds / size * 1e6, "us a ballot")
    further = {(low, high): (spent[high] - spent[low]) / (high - low) for low, high in pairwise(SIZES)}
    for (low, high), cost in further.items():
        yield Row(f"audit, each further ballot from {low} to {high}", cost * 1e6, "us a ballot")
    if len(further) > 1:
        first, *_, last = further.values()
        name = f"audit, a further ballot up to {SIZES[-1]} against {SIZES[1]}"
        yield Row(name, last * 1e6, "us", first * 1e6, last / first, 1.2, most=True)


def _casting(size: int) -> Cost:
    poll_id, ballots = pickle.loads((prepared() / "ballots").read_bytes())  # noqa: S301
    with tempfile.TemporaryDirectory(dir=prepared().parent) as name:
        shutil.copytree(prepared(), name, dirs_exist_ok=True)
        box = Box(Path(name))
        _fill(box, poll_id, size)
        desk: BallotDesk = box.http.application.extensions[DESK]
        groups = [ballots[at : at + AT_ONCE] for at in range(0, 2 * GROUPS * AT_ONCE, AT_ONCE)]
        for group in groups[:GROUPS]:
            desk.cast_all([(poll_id, ballot) for ballot in group])
        start, processor = time.perf_counter(), time.process_time()
        for group in groups[GROUPS:]:
            desk.cast_all([(poll_id, ballot) for ballot in group])
        clock, processor = time.perf_counter() - start, time.process_time() - processor
        box.engine.dispose()
    number = GROUPS * AT_ONCE
    return Cost(processor / number, clock / number)


def _fill(box: Box, poll_id: bytes, size: int) -> None:
    """Ballots of the right size, as the database keeps them."""
    with read(box.engine) as conn:
        poll = store.find_poll(conn, poll_id)
    assert poll is not None
    for _ in range(-(-size // 5000)):
        entries = [secrets.token_bytes(ENTRY) for _ in range(min(size, 5000))]
        keys = [NewBallot(poll_id, secrets.token_bytes(65), 0, one, leaf_hash(one)) for one in entries]
        with write(box.engine) as conn:
            store.bind_ballot_keys(conn, keys)
            append_all(conn, tables.log, poll.log_id, entries)
        with write(box.engine) as conn:
            sequence(conn, tables.log, poll.log_id, by_lot)


def _auditing(size: int) -> float:
    """Seconds of all processors."""
    _, processor = measured(large_record(size))
    return processor


def _rounds(size: int) -> int:
    return max(1, min(5, 20_000 // size))


if __name__ == "__main__":
    report(rows())
