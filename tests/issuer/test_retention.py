"""What docs/retention.md promises: every table is named there, and what is to end by itself does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from issuer.admin.tables import admin_session, application, official
from issuer.archive import archive_due
from issuer.oauth import store as oauth
from issuer.oauth.tables import granted_poll, oauth_grant, sign_in, sign_in_poll
from issuer.self_check import store as self_checks
from issuer.self_check.tables import self_check, self_check_poll
from issuer.tables import issuance, metadata
from shared.db import read
from tests.issuer.oauth.town import Town, WebClient
from tests.issuer.office import blinded_message
from tests.issuer.self_check.check import Visitor

RETENTION = Path(__file__).parents[2] / "docs" / "retention.md"
PERSONS = (issuance, sign_in, sign_in_poll, oauth_grant, granted_poll, self_check, self_check_poll)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def rows(town: Town, table: Table) -> int:
    with read(town.office.engine) as conn:
        return len(conn.execute(select(table)).all())


def test_every_table_has_its_row() -> None:
    told = set(re.findall(r"`([a-z_]+)`", RETENTION.read_text("utf-8")))
    assert {name for name in metadata.tables if not name.startswith("log_")} <= told
    assert {admin_session.name, application.name, official.name} <= told


@pytest.mark.attack("A49")
def test_what_is_kept_of_residents_ends_when_it_is_to_end(town: Town) -> None:
    WebClient(town, [town.barnaul]).access_token()
    WebClient(town, [town.barnaul]).page("barnaul-2")
    Visitor(town).sign_in("barnaul-3")
    pseudonym = town.office.keys.pseudonym(town.barnaul.poll_id, "00000060119")
    message = blinded_message(town.barnaul)
    town.office.desk.issue(town.barnaul.poll_id, pseudonym, message, nonce=bytes(32))
    assert all(rows(town, table) for table in PERSONS)
    town.watch.now += timedelta(minutes=15)
    for purge in (oauth.purge, self_checks.purge):
        purge(town.office.engine, town.watch())
    assert [rows(town, table) for table in PERSONS] == [1, 0, 0, 0, 0, 0, 0]
    town.watch.now = archive_due(town.barnaul)
    town.office.worker.step()
    assert rows(town, issuance) == 0
