"""What a ballot costs where there are many already: casting it, and auditing it; of processor time.

Casting: groups of 64 through the desk, each verified, stored with full sync and promised, into a box that
holds so many ballots. Auditing: `veche-audit verify` of so many, start and all; what is beyond the start
stands in the last row.
"""

import pickle
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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


def rows() -> list[Row]:
    """Casting and audit at each size, and against the smallest."""
    casting = {size: min(_casting(size) for _ in range(3)) for size in SIZES}
    spent = {size: min(_auditing(size) for _ in range(_rounds(size))) for size in SIZES}
    auditing = {size: seconds / size for size, seconds in spent.items()}
    *_, before, last = SIZES
    beyond = (spent[last] - spent[before]) / (last - before)
    return [
        *_rows("casting into", casting),
        *_rows("audit of", auditing),
        Row(f"audit, each ballot from {before} to {last}", beyond * 1e6, "us a ballot"),
    ]


def _rows(name: str, costs: dict[int, float]) -> Iterator[Row]:
    for size, cost in costs.items():
        yield Row(f"{name} {size} ballots", cost * 1e6, "us a ballot")
    yield grown(name, SIZES[-1], costs[SIZES[-1]], costs[SIZES[0]])


def _casting(size: int) -> float:
    """Seconds of a ballot."""
    poll_id, ballots = pickle.loads((prepared() / "ballots").read_bytes())  # noqa: S301
    with tempfile.TemporaryDirectory(dir=prepared().parent) as name:
        shutil.copytree(prepared(), name, dirs_exist_ok=True)
        box = Box(Path(name))
        _fill(box, poll_id, size)
        desk: BallotDesk = box.http.application.extensions[DESK]
        groups = [ballots[at : at + AT_ONCE] for at in range(0, 2 * GROUPS * AT_ONCE, AT_ONCE)]
        for group in groups[:GROUPS]:
            desk.cast_all([(poll_id, ballot) for ballot in group])
        start = time.process_time()
        for group in groups[GROUPS:]:
            desk.cast_all([(poll_id, ballot) for ballot in group])
        spent = time.process_time() - start
        box.engine.dispose()
    return spent / (GROUPS * AT_ONCE)


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
    _, processor, _ = measured(large_record(size))
    return processor


def _rounds(size: int) -> int:
    return max(1, min(5, 20_000 // size))


if __name__ == "__main__":
    report(rows())
