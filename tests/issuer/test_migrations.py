"""Migrations give the tables that the code knows."""

import pytest

import issuer.admin.tables
import issuer.oauth.tables
import issuer.self_check.tables  # noqa: F401 - all define their tables in the one metadata
from issuer.migrations import upgrade
from issuer.tables import RIGHTS, metadata
from tests.databases import differences, keeps_order
from tests.issuer.office import Office


@pytest.mark.both_databases
def test_the_migrated_database_has_the_tables_of_the_code(office: Office) -> None:
    for _ in range(2):
        assert differences(office.engine, metadata) == []
        upgrade(office.engine)


def test_the_rights_of_the_service_name_every_table() -> None:
    assert set(RIGHTS) == {*metadata.tables, "alembic_version"}


@pytest.mark.sqlite
def test_no_table_keeps_an_order_of_arrival(office: Office) -> None:
    """A rowid would: rows of residents and of waiting leaves are kept by their keys alone.

    The log of acts is about officials, and its order is the point.
    """
    assert keeps_order(office.engine) & set(metadata.tables) == {"admin_act"}
