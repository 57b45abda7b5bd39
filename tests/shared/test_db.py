"""What every connection to SQLite promises, and what a transaction is on either database."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from shared.db import connect, insert_new, read, write
from tests.databases import database_url

pytestmark = pytest.mark.both_databases

METADATA = MetaData()
THING = Table("thing", METADATA, Column("name", String, primary_key=True), Column("n", Integer))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(database_url(tmp_path / "database.sqlite"))
    with write(engine) as connection:
        METADATA.create_all(connection)
    yield engine
    engine.dispose()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 20_000),
        ("trusted_schema", 0),
    ],
)
def test_every_connection_is_durable_and_wipes_what_it_deletes(
    engine: Engine, pragma: str, value: object
) -> None:
    with read(engine) as first, read(engine) as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def _add_one(engine: Engine) -> None:
    with write(engine) as connection:
        number = connection.execute(select(THING.c.n)).scalar_one()
        connection.execute(update(THING).values(n=number + 1))


def test_writers_wait_for_each_other_so_none_works_on_what_another_changes(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(THING).values(name="a", n=0))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_add_one, [engine] * 40))
    with read(engine) as connection:
        assert connection.execute(select(THING.c.n)).scalar_one() == 40


def test_a_reader_sees_one_state_and_holds_up_no_writer(engine: Engine) -> None:
    with read(engine) as reader:
        assert reader.execute(select(THING)).all() == []
        with write(engine) as writer:
            writer.execute(insert(THING).values(name="a", n=0))
        assert reader.execute(select(THING)).all() == []
    with read(engine) as reader:
        assert len(reader.execute(select(THING)).all()) == 1


def _add_and_fail(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(THING).values(name="a", n=0))
        raise RuntimeError


def test_an_exception_undoes_the_whole_transaction(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        _add_and_fail(engine)
    with read(engine) as connection:
        assert connection.execute(select(THING)).all() == []


def test_the_row_count_of_an_insert_tells_whether_the_row_is_new(engine: Engine) -> None:
    with write(engine) as connection:
        counts = [
            connection.execute(insert_new(connection, THING).values(name="a", n=n)).rowcount for n in (1, 2)
        ]
        assert counts == [1, 0]
        assert connection.execute(select(THING.c.n)).scalar_one() == 1


def test_an_error_does_not_repeat_what_the_statement_held(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(THING).values(name="secret", n=0))
    with pytest.raises(DatabaseError) as error, write(engine) as connection:
        connection.execute(insert(THING).values(name="secret", n=0))
    assert "secret" not in str(error.value)


@pytest.mark.sqlite
def test_a_lock_that_is_not_free_in_time_is_told_as_any_other_outage_of_the_database(
    engine: Engine,
) -> None:
    assert engine.url.database
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        with engine.connect() as pooled:
            pooled.exec_driver_sql("PRAGMA busy_timeout=10")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError), write(engine):
            pass
        other.execute("ROLLBACK")
    with write(engine) as connection:
        connection.execute(insert(THING).values(name="a", n=0))
