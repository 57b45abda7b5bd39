"""Migrations give the tables that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import issuer.admin.tables
import issuer.oauth.tables
import issuer.self_check.tables  # noqa: F401 - all define their tables in the one metadata
from issuer.migrations import upgrade
from issuer.tables import metadata
from shared.db import read
from tests.issuer.office import Office


def test_the_migrated_database_has_the_tables_of_the_code(office: Office) -> None:
    with read(office.engine) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_migrating_again_changes_nothing(office: Office) -> None:
    upgrade(office.engine)
    with read(office.engine) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_no_table_keeps_an_order_of_arrival(office: Office) -> None:
    """A rowid would: rows of residents and of waiting leaves are kept by their keys alone.

    The log of acts is about officials, and its order is the point.
    """
    query = text("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    with read(office.engine) as conn:
        without_rowid = {name for name, wr in conn.execute(query).all() if wr}
    assert without_rowid >= set(metadata.tables) - {"admin_act"}
