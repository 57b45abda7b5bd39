"""PostgreSQL's part of the promises: what is acknowledged is replicated, who hangs stops nobody else."""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from shared.db import connect, insert_new, read, write
from shared.postgresql import NotDurable, NotReplicated, check_durable
from tests.databases import cluster, database_url
from tests.postgresql import Cluster, remove_abandoned

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]

THING = Table("thing", MetaData(), Column("n", Integer, primary_key=True))
CANCEL_THE_WAIT = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = connect(database_url(tmp_path / "database"))
    with write(opened) as conn:
        THING.create(conn)
    yield opened
    opened.dispose()


@pytest.fixture
def standby_lost() -> Iterator[Cluster]:
    """The server waits for a standby that is not there."""
    server = cluster()
    server.execute("ALTER SYSTEM SET synchronous_standby_names = 'lost'", "SELECT pg_reload_conf()")
    while not _waits_for_a_standby(server):  # the server takes its time to notice
        pass
    yield server
    server.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")


def _waits_for_a_standby(server: Cluster) -> bool:
    """Whether a commit waits, which is then cancelled."""
    with ThreadPoolExecutor(1) as pool:
        commit = pool.submit(server.execute, "SELECT pg_logical_emit_message(true, '', '')")
        while not commit.done():
            if server.execute(CANCEL_THE_WAIT):
                return True
        return False


def _add(engine: Engine, number: int) -> int:
    with write(engine) as conn:
        return conn.execute(insert_new(conn, THING).values(n=number)).rowcount


def _cancelled(server: Cluster, engine: Engine) -> BaseException | None:
    """How a write ends whose wait for the standby somebody cancels."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_add, engine, 1)
        while not waiting.done():
            server.execute(CANCEL_THE_WAIT)
            time.sleep(0.05)
        return waiting.exception()


def test_a_commit_that_no_standby_has_is_not_acknowledged_nor_is_its_repetition(
    engine: Engine, standby_lost: Cluster
) -> None:
    for _ in range(2):
        error = _cancelled(standby_lost, engine)
        assert isinstance(error, OperationalError)
        assert isinstance(error.orig, NotReplicated)
    with read(engine) as conn:
        assert conn.exec_driver_sql("SELECT n FROM thing").scalars().all() == [1], (
            "it is on this machine alone"
        )


def test_one_that_hangs_inside_a_transaction_holds_the_others_up_for_seconds_only(engine: Engine) -> None:
    hanging, patient = engine.connect().execution_options(writes=True), time.monotonic()
    hanging.begin()
    hanging.exec_driver_sql("INSERT INTO thing VALUES (1)")
    assert _add(engine, 2) == 1
    assert time.monotonic() - patient > 4, "it waited, and no longer than a lock may be waited for"
    with pytest.raises(DBAPIError):
        hanging.exec_driver_sql("INSERT INTO thing VALUES (3)")
    hanging.invalidate()
    hanging.close()
    with read(engine) as conn:
        assert conn.exec_driver_sql("SELECT n FROM thing").scalars().all() == [2]


def test_a_transaction_that_reads_cannot_write(engine: Engine) -> None:
    with pytest.raises(InternalError, match="read-only"), read(engine) as conn:
        conn.exec_driver_sql("INSERT INTO thing VALUES (1)")


def test_every_session_is_durable_and_bounded(engine: Engine) -> None:
    with read(engine) as conn:
        shown = {
            name: conn.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("synchronous_commit", "statement_timeout", "lock_timeout", "fsync")
        }
    assert shown == {
        "synchronous_commit": "on",
        "statement_timeout": "15s",
        "lock_timeout": "10s",
        "fsync": "on",
    }
    check_durable(engine)


def test_a_server_that_would_lose_what_it_acknowledged_is_named() -> None:
    careless = Cluster(cluster().bin, ["fsync=off"])
    try:
        engine = connect(careless.url("postgres"))
        with pytest.raises(NotDurable, match="fsync off"):
            check_durable(engine)
        engine.dispose()
    finally:
        careless.remove()
    with pytest.raises(NotDurable, match="does not answer"):
        check_durable(engine)


def test_what_a_killed_test_left_is_removed_and_nothing_of_the_living(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    folders = {
        "abandoned": (ended.pid, ended.pid),
        "before its server started": (os.getpid(), None),
        "at work": (os.getpid(), os.getpid()),
        "its server still ends": (ended.pid, os.getpid()),
    }
    for name, (owner, server) in folders.items():
        data = tmp_path / f"veche-pg-{owner}-{name}" / "data"
        data.mkdir(parents=True)
        if server is not None:
            (data / "postmaster.pid").write_text(f"{server}\n{data}\n")
    remove_abandoned(tmp_path)
    assert {path.name.split("-")[3] for path in tmp_path.iterdir()} == set(folders) - {"abandoned"}
