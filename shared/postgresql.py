"""PostgreSQL as the services use it: one writer at a time, replicated commits, nothing hangs for ever.

A session reads by default, each transaction one state of the database (REPEATABLE READ). One that writes
takes a lock at its start, as on SQLite, and lets it go at its end: what it read cannot change under it.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from psycopg import Connection as Session
from psycopg.errors import Diagnostic
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    ExceptionContext,
    Insert,
    TableValuedAlias,
    Update,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import iterate, replacement_traverse
from sqlalchemy.types import TypeEngine

_SESSION: Final = {
    "synchronous_commit": "on",
    "default_transaction_isolation": "repeatable\\ read",
    "default_transaction_read_only": "on",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    # Waiting entries come and go. Index scans alone pass by what has gone since the last vacuum.
    "enable_bitmapscan": "off",
    "enable_seqscan": "off",
}
_CONNECTION: Final = {
    "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
    "application_name": "veche",
    "target_session_attrs": "primary",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_DURABLE: Final = ("fsync", "full_page_writes")
_BEGIN_WRITING: Final = (
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;"
    "SELECT pg_advisory_xact_lock(x'5645434845'::bigint),"
    " set_config('idle_in_transaction_session_timeout', '5s', true),"
    " pg_logical_emit_message(true, 'veche', '')"
)
_PLAIN_WARNING: Final = "01000"

SWEEP: Final = "SELECT sweep()"
"""Calls what `sweep_function` makes."""


class NotDurable(Exception):
    """The server would lose what it has acknowledged. The message names the settings."""


class NotReplicated(Exception):
    """The wait for the standbys was cancelled: the commit is on one machine alone, and may yet be lost."""


def engine_arguments(url: URL) -> dict[str, Any]:
    """Arguments of `create_engine`. What the URL's query says of the connection goes first."""
    given = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    return {
        "connect_args": given,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 10,
        "pool_pre_ping": True,
        "execution_options": {"preserve_rowcount": True},
    }


def prepare(session: Session[Any], record: Any) -> None:
    """Of each pooled connection: remember that the server warned, and send arrays as they are."""
    session.adapters.register_dumper(list, ListBinaryDumper)
    session.add_notice_handler(partial(_note, record.info))


def hide_values(context: ExceptionContext) -> None:
    """Keep the first line of an error: those after it repeat the values of the row."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def begin_writing(connection: Connection) -> None:
    """Begin a transaction that writes, alone.

    Its message in the write-ahead log makes the commit wait for the disk and the standbys also when nothing
    else was written: an answer that repeats an earlier one must be as durable as that one was to be.
    """
    connection.info.pop("warned", None)
    connection.exec_driver_sql(_BEGIN_WRITING)


def check_replicated(connection: Connection) -> None:
    """Check, after a commit, that it waited for the standbys to the end.

    A timeout or an operator may cancel that wait; the server then warns and reports success. Raises
    OperationalError: the request may be repeated as it is.
    """
    if connection.info.pop("warned", None):
        raise OperationalError("COMMIT", None, NotReplicated())


@lru_cache(maxsize=64)
def at_once(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> str:
    """SQL that does for many rows what the statement does for one, given an array for each name.

    The names are those of an insertion's columns, or of an update's parameters.
    """
    if isinstance(statement, Insert):
        rows = _rows(names, [statement.table.c[name].type for name in names])
        whole: Any = statement.from_select(names, select(rows))
    else:
        given = {one.key: one.type for one in iterate(statement) if isinstance(one, BindParameter)}
        rows = _rows(names, [given[name] for name in names])
        whole = replacement_traverse(statement, {}, partial(_column_of, rows))
    return str(whole.compile(dialect=dialect))


def _rows(names: tuple[str, ...], types: Sequence[TypeEngine[Any]]) -> TableValuedAlias:
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in zip(names, types, strict=True))
    return func.unnest(*arrays).table_valued(*names).render_derived()


def _column_of(rows: TableValuedAlias, element: Any, **_: Any) -> Any:
    return rows.c[element.key] if isinstance(element, BindParameter) else None


def check_durable(engine: Engine) -> None:
    """Check that the database answers, and that a commit survives a loss of power. Raises NotDurable."""
    if engine.dialect.name != "postgresql":
        return
    try:
        with engine.connect() as conn:
            off = [name for name in _DURABLE if conn.exec_driver_sql(f"SHOW {name}").scalar_one() != "on"]
    except OperationalError as error:
        raise NotDurable("the server does not answer") from error
    if off:
        raise NotDurable(f"the server runs with {' and '.join(off)} off")


def without_timeout(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def grant(connection: Connection, role: str, rights: Mapping[str, Collection[str]]) -> None:
    """Give a role these rights on these tables, the sweep, and none else; repeatable. By their owner."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
    for table, allowed in rights.items():
        connection.exec_driver_sql(f"GRANT {', '.join(allowed)} ON {table} TO {name}")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION sweep() TO {name}")


def sweep_function(tables: Mapping[str, str]) -> tuple[str, ...]:
    """SQL of a function that writes tables anew, each in the order of an index.

    Nothing of deleted rows is left in their files, nor of where a row lay before. Migrations of the past call
    this: another way to sweep is another function.

    It runs with the rights of its owner. While anybody in the database may see an older state it refuses
    (55006): the rows would be copied along. What others do, its owner sees as member of pg_read_all_stats.
    """
    rewrite = " ".join(f"CLUSTER {table} USING {index};" for table, index in tables.items())
    return (
        f"""CREATE FUNCTION sweep() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = public, pg_temp AS $$ BEGIN
              LOCK TABLE {", ".join(tables)} IN ACCESS EXCLUSIVE MODE;
              IF EXISTS (SELECT FROM pg_stat_get_activity(NULL) AS other JOIN pg_database ON oid = datid
                         WHERE datname = current_database() AND pid <> pg_backend_pid()
                           AND (backend_type IS NULL OR backend_type = 'client backend'
                                AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)))
              THEN RAISE EXCEPTION USING ERRCODE = '55006', MESSAGE = 'somebody reads an older state'; END IF;
              {rewrite}
            END $$""",
        "REVOKE ALL ON FUNCTION sweep() FROM PUBLIC",
    )


def _note(info: dict[Any, Any], diagnostic: Diagnostic) -> None:
    if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.sqlstate == _PLAIN_WARNING:
        info["warned"] = True
