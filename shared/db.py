"""Database set-up, SQLite or PostgreSQL: commits that last, and transactions that write take a lock at once.

What is PostgreSQL's alone stands in `shared.postgresql`.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, lru_cache
from threading import Lock
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Insert,
    Table,
    Update,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.sql.dml import ReturningInsert

from shared import postgresql

_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=20000",
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cache_size=-16384",  # 16 MiB a connection: leaves come in random order, so do their pages
)


def connect(url: str) -> Engine:
    """An engine for a database URL. What a statement held never reaches a log or an error's text."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        arguments = postgresql.engine_arguments(parsed)
        engine = create_engine(parsed, hide_parameters=True, **arguments)
        event.listen(engine, "connect", postgresql.prepare)
        event.listen(engine, "handle_error", postgresql.hide_values)
        event.listen(engine, "begin", _begin_postgresql)
    else:
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: alone from its start, committed at its end, undone on an exception."""
    with _turn(engine), engine.connect().execution_options(writes=True) as connection:
        with connection.begin():
            yield connection
        postgresql.check_replicated(connection)


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """SQLite has one writer, and waiting in it is sleeping: the threads of a process stand in a queue."""
    return _lock(engine.url) if engine.dialect.name == "sqlite" else nullcontext()


@cache
def _lock(_url: URL) -> Lock:
    return Lock()


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads one state of the database."""
    with engine.connect() as connection, connection.begin():
        yield connection


class Busy(Exception):
    """Somebody writes, or reads an older state: the files of the database cannot be swept now."""


def sweep(engine: Engine) -> None:
    """Leave nothing of deleted rows in the database's files; it is locked while it is rebuilt. Raises Busy.

    SQLite: VACUUM writes every page anew, and the emptied write-ahead log takes the old pages with it.
    PostgreSQL: the tables of `sweep_function` are written anew; its write-ahead log is recycled in time.
    """
    if engine.dialect.name == "sqlite":
        _sweep_sqlite(engine)
        return
    try:
        with write(engine) as connection:
            postgresql.without_timeout(connection)
            connection.exec_driver_sql(postgresql.SWEEP)
    except DBAPIError as error:
        raise Busy from error


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql_dialect.Insert:
    """`INSERT ... ON CONFLICT DO NOTHING`: the database decides what is new; see its row count."""
    return _insert_new(connection.dialect.name, table)


def insert_returning(connection: Connection, column: Column[Any]) -> ReturningInsert[tuple[Any]]:
    """The same; it gives this column of each row that is new."""
    return _insert_returning(connection.dialect.name, column)


@cache
def _insert_returning(dialect: str, column: Column[Any]) -> ReturningInsert[tuple[Any]]:
    return _insert_new(dialect, column.table).returning(column)


@cache
def _insert_new(dialect: str, table: Table) -> sqlite.Insert | postgresql_dialect.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql_dialect.insert(table).on_conflict_do_nothing()


def _sweep_sqlite(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise Busy from error
    finally:
        connection.close()
    if busy:
        raise Busy


def execute_many(
    connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, object]]
) -> CursorResult[Any]:
    """Execute a statement for each row of bytes, text and integers, by name; no row may be missing a name.

    SQLAlchemy's own way through a row costs as much as the row's insertion. PostgreSQL gets all rows in one
    statement, as arrays.
    """
    if connection.dialect.name == "postgresql":
        at_once = postgresql.at_once(statement, connection.dialect, tuple(rows[0]))
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        return connection.exec_driver_sql(at_once, columns)
    text, names = _text(statement, connection.dialect, tuple(rows[0]))
    if names is None:
        return connection.exec_driver_sql(text, list(rows))
    return connection.exec_driver_sql(text, [tuple(row[name] for name in names) for row in rows])


@lru_cache(maxsize=64)
def _text(
    statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...] | None]:
    """The statement as the database wants it, and the order of the names where it takes them by place."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return compiled.string, tuple(compiled.positiontup or ()) if compiled.positional else None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    driver: Any = connection.connection.driver_connection
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    try:
        driver.execute(begin)
    except sqlite3.OperationalError as error:  # past SQLAlchemy, which would have made the same of it
        raise OperationalError(begin, None, error, hide_parameters=True) from error


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        postgresql.begin_writing(connection)
