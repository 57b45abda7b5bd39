"""Migrations give the tables that the code knows."""

import pytest

from ballot_box.migrations import upgrade
from ballot_box.tables import RIGHTS, metadata
from tests.ballot_box.box import Box
from tests.databases import differences, keeps_order


@pytest.mark.both_databases
def test_the_migrated_database_has_the_tables_of_the_code(box: Box) -> None:
    for _ in range(2):
        assert differences(box.engine, metadata) == []
        upgrade(box.engine)


def test_the_rights_of_the_service_name_every_table() -> None:
    assert set(RIGHTS) == {*metadata.tables, "alembic_version"}


@pytest.mark.sqlite
@pytest.mark.attack("A8")
@pytest.mark.attack("A10")
def test_no_table_keeps_an_order_of_arrival(box: Box) -> None:
    """A rowid would: rows of waiting ballots are kept by their keys alone."""
    assert keeps_order(box.engine).isdisjoint(metadata.tables)
