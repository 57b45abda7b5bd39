"""Sequencing beside bare durable inserts, and the count, at growing sizes."""

import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ballot_box import tables
from ballot_box.migrations import upgrade
from bench.rows import QUICK, Row, share
from shared.answers import encode_answers
from shared.count import Tally
from shared.db import connect, write
from shared.log.sequencer import append_all, create_log, sequence
from tests.simulator import ANSWERS, open_election

SIZES: Final = (1_000, 10_000) if QUICK else (1_000, 10_000, 100_000)
BATCH: Final = 500
ENTRY: Final = 668
"""Bytes of a ballot with one RSA-3072 token."""

LOG: Final = "ab" * 16


def rows() -> list[Row]:
    """Per leaf and per ballot, at each size and against the smallest."""
    return [
        *_growth("sequencing", _sequencing, bare=_bare(SIZES[0])),
        *_growth("count", _counting),
    ]


def _growth(name: str, measure: Callable[[int], float], bare: float | None = None) -> list[Row]:
    measure(SIZES[0])
    costs = {size: measure(size) for size in SIZES}
    first = min(measure(SIZES[0]), costs[SIZES[0]])
    speeds = [
        Row(f"{name}, {size}", 1 / cost, "per second")
        if bare is None
        else share(f"{name}, {size}, against bare inserts", 1 / cost, "per second", 1 / bare)
        for size, cost in costs.items()
    ]
    grown = [
        Row(
            f"{name}, cost at {size} against {SIZES[0]}",
            cost * 1e6,
            "us",
            first * 1e6,
            cost / first,
            1.2,
            most=True,
        )
        for size, cost in list(costs.items())[1:]
    ]
    return speeds + grown


def _sequencing(size: int) -> float:
    """Seconds per leaf: appended and sequenced in batches, each a durable transaction."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'box.sqlite'}")
        upgrade(engine)
        with write(engine) as conn:
            create_log(conn, tables.log, LOG)
        entries = [secrets.token_bytes(ENTRY) for _ in range(size)]
        start = time.perf_counter()
        for at in range(0, size, BATCH):
            with write(engine) as conn:
                append_all(conn, tables.log, LOG, entries[at : at + BATCH])
            with write(engine) as conn:
                sequence(conn, tables.log, LOG, secrets.SystemRandom().shuffle)
        spent = time.perf_counter() - start
        engine.dispose()
    return spent / size


def _bare(size: int) -> float:
    """Seconds per row of plain inserts of as many bytes, in the same batches, with full sync."""
    with tempfile.TemporaryDirectory() as folder:
        conn = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("CREATE TABLE entry (leaf BLOB PRIMARY KEY, entry BLOB) WITHOUT ROWID")
        entries = [(secrets.token_bytes(32), secrets.token_bytes(ENTRY)) for _ in range(size)]
        start = time.perf_counter()
        for at in range(0, size, BATCH):
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO entry VALUES (?, ?)", entries[at : at + BATCH])
            conn.execute("COMMIT")
        spent = time.perf_counter() - start
        conn.close()
    return spent / size


def _counting(size: int) -> float:
    """Seconds per ballot: answers decoded and counted."""
    manifest, tally = open_election().poll.manifest, Tally()
    answers = [encode_answers(manifest, ANSWERS[at % len(ANSWERS)]) for at in range(size)]
    start = time.perf_counter()
    for one in answers:
        tally.take(manifest, one)
    tally.count(manifest)
    return (time.perf_counter() - start) / size
