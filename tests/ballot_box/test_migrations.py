"""Migrations give the tables that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ballot_box.migrations import upgrade
from ballot_box.tables import metadata
from shared.db import read
from tests.ballot_box.box import Box


def test_the_migrated_database_has_the_tables_of_the_code(box: Box) -> None:
    for _ in range(2):
        with read(box.engine) as conn:
            assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        upgrade(box.engine)


def test_no_table_keeps_an_order_of_arrival(box: Box) -> None:
    """A rowid would: rows of waiting ballots are kept by their keys alone."""
    query = text("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    with read(box.engine) as conn:
        without_rowid = {name for name, wr in conn.execute(query).all() if wr}
    assert without_rowid >= set(metadata.tables)
