"""Casting, group commit and sequencing on PostgreSQL beside SQLite: same batches, same disk, full sync."""

import os
import tempfile
from pathlib import Path
from typing import Final

from sqlalchemy import select

from ballot_box.migrations import upgrade
from ballot_box.tables import metadata
from bench import casting
from bench.growth import measure
from bench.rows import QUICK, Row, best, share
from shared.db import connect, insert_new, read, write
from tests.postgresql import Cluster, binaries

SIZE: Final = 1_000
DISK: Final = Path("/var/tmp")  # noqa: S108 - a disk that the user of PostgreSQL may write to


def rows() -> list[Row]:
    """Leaves per second in batches; nothing where the system has no PostgreSQL."""
    found = binaries()
    if found is None:
        return []
    server = Cluster(found, place=DISK)
    try:
        there = measure(server.url("postgres"), SIZE)
        server.execute("CREATE DATABASE casting")
        casts = _casting(server.url("casting"))
    finally:
        server.remove()
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        here = measure(f"sqlite:///{Path(folder) / 'box.sqlite'}", SIZE)
    names = ("group commit of a batch", "sequencing of a batch")
    return [
        casts,
        *(
            share(f"{name}, PostgreSQL against SQLite", 1 / one, "leaves/s", 1 / other, 1.0)
            for name, one, other in zip(names, there, here, strict=True)
        ),
    ]


def _casting(database: str) -> Row:
    """Ballots a second over HTTP, PostgreSQL and the load on core 1."""
    _fill(database)
    ballots = casting.requests()
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    try:
        with (
            casting.server(casting.GROUPED, "asgi", database) as there,
            casting.server(casting.GROUPED, "asgi") as here,
        ):
            parts = [ballots[at :: casting.ROUNDS] for at in range(casting.ROUNDS)]
            rounds = [
                [casting.capacity((casting.HOST, box.port), part) for box in (there, here)] for part in parts
            ]
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    one, other = best((there, here) for there, here in rounds)
    goal = None if QUICK else 0.95  # short rounds tell of the beginning
    return share("casting, PostgreSQL against SQLite", one, "per second", other, goal)


def _fill(database: str) -> None:
    """Copy the prepared box into an empty database; guards rest meanwhile, for a log does not come whole."""
    source, target = connect(f"sqlite:///{casting.prepared() / 'box.sqlite'}"), connect(database)
    upgrade(target)
    with read(source) as old, write(target) as new:
        new.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in metadata.sorted_tables:
            if rows := [row._asdict() for row in old.execute(select(table))]:
                new.execute(insert_new(new, table), rows)
    for engine in (source, target):
        engine.dispose()
