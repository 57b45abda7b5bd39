"""Sequencing beside bare durable inserts, and the count, at growing sizes."""

import secrets
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from ballot_box import tables
from ballot_box.migrations import upgrade
from bench.record import VAR
from bench.rows import QUICK, Row, share
from shared.answers import encode_answers
from shared.count import Tally
from shared.db import connect, write
from shared.log.sequencer import append_all, by_lot, create_log, sequence
from tests.simulator import ANSWERS, open_election

SIZES: Final = (1_000, 10_000) if QUICK else (1_000, 10_000, 100_000)
BATCH: Final = 256
BATCHES: Final = 40
"""Batches that are measured, on a log that has so many leaves already."""
ENTRY: Final = 668
"""Bytes of a ballot with one RSA-3072 token."""

BY_LEAF: Final = "(leaf BLOB PRIMARY KEY, entry BLOB) WITHOUT ROWID"
"""What a waiting ballot needs at least: unique, and in no order that tells who came first."""
BY_ARRIVAL: Final = "(leaf BLOB, entry BLOB)"
LOG: Final = "ab" * 16


def rows() -> list[Row]:
    """Per leaf and per ballot, at each size and against the smallest."""
    return [*_log_rows(), *_count_rows()]


def _log_rows() -> list[Row]:
    costs = {size: _sequencing(size) for size in SIZES}
    keyed, heap = (min(_bare(table) for _ in range(3)) for table in (BY_LEAF, BY_ARRIVAL))
    first, last = costs[SIZES[0]], SIZES[-1]
    step = min(step for _, step in costs.values())
    shares = [
        share(f"sequencing, against bare inserts {kind}", 1 / step, "per second", 1 / bare, goal)
        for kind, bare, goal in (("by leaf hash", keyed, 0.5), ("in order of arrival", heap, None))
    ]
    both = [
        Row(f"appending and sequencing onto {size} leaves", 1e6 * (one + two), "us a leaf")
        for size, (one, two) in costs.items()
    ]
    return [*shares, *both, grown("appending and sequencing", last, sum(costs[last]), sum(first))]


def _count_rows() -> list[Row]:
    _counting(SIZES[0])
    costs = {size: min(_counting(size) for _ in range(3)) for size in SIZES}
    rates = [Row(f"count, {size}", 1 / cost, "per second") for size, cost in costs.items()]
    return [*rates, grown("count", SIZES[-1], costs[SIZES[-1]], costs[SIZES[0]])]


def grown(name: str, size: int, cost: float, first: float) -> Row:
    """Seconds of each at a size, against those at the smallest."""
    named = f"{name}, cost at {size} against {SIZES[0]}"
    return Row(named, cost * 1e6, "us", first * 1e6, cost / first, 1.2, most=True)


def _sequencing(size: int) -> tuple[float, float]:
    """Seconds per leaf on a log of so many: to append a batch, and to sequence it, each a transaction."""
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        return measure(f"sqlite:///{Path(folder) / 'box.sqlite'}", size)


def measure(url: str, size: int) -> tuple[float, float]:
    """The same in an empty database."""
    engine = connect(url)
    upgrade(engine)
    with write(engine) as conn:
        create_log(conn, tables.log, LOG)
    for _ in range(-(-size // 5000)):
        _append(engine, min(size, 5000))
        _sequence(engine)
    appending = sequencing = 0.0
    for _ in range(BATCHES):
        appending += _append(engine, BATCH)
        sequencing += _sequence(engine)
    engine.dispose()
    return appending / (BATCHES * BATCH), sequencing / (BATCHES * BATCH)


def _append(engine: Engine, number: int) -> float:
    entries = [secrets.token_bytes(ENTRY) for _ in range(number)]
    start = time.perf_counter()
    with write(engine) as conn:
        append_all(conn, tables.log, LOG, entries)
    return time.perf_counter() - start


def _sequence(engine: Engine) -> float:
    start = time.perf_counter()
    with write(engine) as conn:
        sequence(conn, tables.log, LOG, by_lot)
    return time.perf_counter() - start


def _bare(table: str) -> float:
    """Seconds per row of plain inserts of as many bytes, in the same batches, with full sync."""
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        conn = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16384"):
            conn.execute(f"PRAGMA {pragma}")
        conn.execute(f"CREATE TABLE entry {table}")
        spent = 0.0
        for _ in range(BATCHES):
            entries = [(secrets.token_bytes(32), secrets.token_bytes(ENTRY)) for _ in range(BATCH)]
            start = time.perf_counter()
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO entry (leaf, entry) VALUES (?, ?)", entries)
            conn.execute("COMMIT")
            spent += time.perf_counter() - start
        conn.close()
    return spent / (BATCHES * BATCH)


def _counting(size: int) -> float:
    """Seconds per ballot: answers decoded and counted."""
    manifest, tally = open_election().poll.manifest, Tally()
    answers = [encode_answers(manifest, ANSWERS[at % len(ANSWERS)]) for at in range(size)]
    start = time.perf_counter()
    for one in answers:
        tally.take(manifest, one)
    tally.count(manifest)
    return (time.perf_counter() - start) / size
