"""Where a test keeps its databases: in SQLite's files, or on a PostgreSQL server of its own.

DATABASE=postgresql in the environment puts all tests on PostgreSQL; otherwise those marked `both_databases`
run on both.
"""

import atexit
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, event, text

from shared.db import connect, read
from tests.postgresql import ADVICE, Cluster, binaries

DEFAULT: Final = os.environ.get("DATABASE", "sqlite")
_chosen = [DEFAULT]
_made: set[str] = set()


def choose(name: str) -> None:
    """Which one `database_url` speaks of from now on: sqlite or postgresql."""
    _chosen[0] = name


def chosen() -> str:
    """The one that was chosen."""
    return _chosen[0]


def database_url(path: Path) -> str:
    """The URL of the database that belongs to a path; on PostgreSQL it is made if it is not there."""
    if chosen() == "sqlite":
        return f"sqlite:///{path}"
    name = database_name(path)
    if name not in _made:
        cluster().execute(f"CREATE DATABASE {name}")
        _made.add(name)
    return cluster().url(name)


def lay_out(path: Path, upgrade: Callable[[Engine], None]) -> None:
    """Make the database of a path with its tables, unless it is there: a copy of one that was migrated."""
    there = path.exists() if chosen() == "sqlite" else database_name(path) in _made
    if not there:
        path.parent.mkdir(parents=True, exist_ok=True)
        restore(_migrated(chosen(), upgrade), path)


@cache
def _migrated(_database: str, upgrade: Callable[[Engine], None]) -> Path:
    """A database as the migrations leave it, which stays until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="veche-migrated-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "migrated.sqlite"
    engine = connect(database_url(path))
    upgrade(engine)
    engine.dispose()
    _made.discard(database_name(path))
    return path


def back_up(path: Path) -> Path:
    """A copy of the database of a path, as a backup takes it; whose copy it is, as a path."""
    copy = path.with_name(f"{path.name}.backup")
    if chosen() == "sqlite":
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
    else:
        _copy(path, copy)
    return copy


def restore(copy: Path, path: Path) -> None:
    """Put the database of a path back as it was when the copy was made; nobody may use it meanwhile."""
    if chosen() == "sqlite":
        for rest in (path, *path.parent.glob(f"{path.name}-*")):
            rest.unlink(missing_ok=True)
        shutil.copy(copy, path)
    else:
        _copy(copy, path)


def take_away(path: Path) -> None:
    """The database of a path answers no more."""
    if chosen() == "sqlite":
        path.rename(path.with_name("gone"))
        path.mkdir()
    else:
        name = database_name(path)
        cluster().execute(f"DROP DATABASE {name} WITH (FORCE)")
        _made.remove(name)


def everything_kept(folder: Path) -> bytes:
    """All bytes in files under a folder, and in those of the PostgreSQL server if that was chosen."""
    roots = [folder] if chosen() == "sqlite" else [folder, cluster().data]
    if len(roots) == 2:
        cluster().execute("CHECKPOINT")
    return b"".join(path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file())


def statements(engine: Engine, act: Callable[[], object]) -> list[str]:
    """What an engine's database is asked meanwhile."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return asked


def drop_guard(connection: Connection, table: str, name: str) -> None:
    """Take one of the database's protections away, as whoever owns it can."""
    on_table = "" if chosen() == "sqlite" else f" ON {table}"
    connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")


def drop_guards(connection: Connection) -> None:
    """Take all protections of the database away."""
    query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    if chosen() == "postgresql":
        query = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
    for table, name in connection.execute(text(query)).all():
        drop_guard(connection, table, name)


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """Where the database's tables are others than the code's; comments are the code's alone."""
    with read(engine) as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    flat = [one for item in found for one in (item if isinstance(item, list) else [item])]
    return [one for one in flat if one[0] != "modify_comment"]


def keeps_order(engine: Engine) -> set[str]:
    """SQLite's tables with a rowid: their rows lie in the order of writing."""
    query = text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT wr")
    with read(engine) as connection:
        return set(connection.scalars(query))


def _copy(source: Path, target: Path) -> None:
    """On PostgreSQL: whoever is connected to either loses the connection."""
    old, new = database_name(source), database_name(target)
    cluster().execute(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{old}'",  # noqa: S608
        f"DROP DATABASE IF EXISTS {new} WITH (FORCE)",
        f"CREATE DATABASE {new} TEMPLATE {old}",
    )
    _made.add(new)


def database_name(path: Path) -> str:
    """The name of a path's database on PostgreSQL."""
    return "t" + hashlib.sha256(str(path).encode()).hexdigest()[:20]


@contextmanager
def databases_dropped() -> Iterator[None]:
    """Drop, at the end, the databases that were made meanwhile on PostgreSQL, whoever is still connected."""
    before = frozenset(_made)
    yield
    for name in _made - before:
        cluster().execute(f"DROP DATABASE {name} WITH (FORCE)")
        _made.remove(name)


@cache
def cluster() -> Cluster:
    """The server of this test process; skips the test where the system has none."""
    found = binaries()
    if found is None:
        pytest.skip(ADVICE)
    started = Cluster(found)
    atexit.register(started.remove)
    return started
