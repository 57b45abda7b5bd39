"""What docs/retention.md promises: every table is named there, and what is to end by itself does."""

import re
import secrets
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from issuer.admin import applications
from issuer.admin.applications import Fields
from issuer.admin.tables import admin_session, application, official
from issuer.archive import archive_due
from issuer.oauth.tables import granted_poll, oauth_grant, sign_in, sign_in_poll
from issuer.retention import purges
from issuer.self_check.tables import self_check, self_check_poll
from issuer.tables import issuance, metadata
from issuer.worker import Worker
from shared.db import read, sweep, write
from tests.databases import chosen, cluster
from tests.issuer.admin.clerk import hire
from tests.issuer.oauth.town import Town, WebClient
from tests.issuer.office import blinded_message
from tests.issuer.self_check.check import Visitor

RETENTION = Path(__file__).parents[2] / "docs" / "retention.md"
PERSONS = (issuance, sign_in, sign_in_poll, oauth_grant, granted_poll, self_check, self_check_poll)
OFFICIALS = (admin_session, official, application)
NAMED = ("Учебнов Пётр Сказкович", "00000060220", "1980-05-06", "+7 3852 00-00-00", "signed and stamped")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    (tmp_path / "mirror").mkdir()
    return Town(tmp_path, changes={"key_backup": tmp_path / "mirror"})


def rows(town: Town, table: Table) -> int:
    with read(town.office.engine) as conn:
        return len(conn.execute(select(table)).all())


def let_pass(town: Town, time: timedelta) -> None:
    """Let so much time pass, and the worker do what `veche-issuer worker` does."""
    office = town.office
    town.watch.now += time
    chores = purges(office.settings, office.engine)
    Worker(office.settings, office.engine, office.keys, town.watch, chores).step()


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
    let_pass(town, timedelta(minutes=15))
    assert [rows(town, table) for table in PERSONS] == [1, 0, 0, 0, 0, 0, 0]
    let_pass(town, archive_due(town.barnaul) - town.watch())
    assert rows(town, issuance) == 0
    assert not list((town.folder / "mirror").rglob("pseudonym*"))


@pytest.mark.both_databases
def test_officials_and_their_papers_end_in_rows_and_files(town: Town) -> None:
    end = approve(town)
    hire(town.office, town.app.test_client(), "administrator")
    assert [rows(town, table) for table in OFFICIALS] == [1, 2, 1]
    let_pass(town, timedelta(minutes=61))
    assert [rows(town, table) for table in OFFICIALS] == [0, 2, 1]
    let_pass(town, end + timedelta(days=town.office.settings.officials_kept_days) - town.watch())
    assert [rows(town, table) for table in OFFICIALS] == [0, 1, 1]
    files = database_files(town)
    assert all(value.encode() in files for value in NAMED)
    let_pass(town, timedelta(seconds=1))
    assert [rows(town, table) for table in OFFICIALS] == [0, 0, 0]
    sweep(town.office.engine)
    files = database_files(town)
    assert not [value for value in NAMED if value.encode() in files]


def approve(town: Town) -> datetime:
    """An application with its paper, approved; when the access ends."""
    name, snils, born, phone, paper = NAMED
    fields = Fields(
        oktmo="01701000",
        administration="Дума",
        full_name=name,
        position="специалист",
        birth_date=born,
        snils=snils,
        confirmed=True,
        email="a@example.org",
        phone=phone,
        starts_on="2026-11-23",
        ends_on="2027-11-23",
        head_position="Глава",
        head_name="Примеров П. П.",
    )
    code = applications.new_code()
    with write(town.office.engine) as conn:
        applications.make(conn, code, fields, town.watch())
        scan = paper.encode() + secrets.token_bytes(6000)
        applications.attach(conn, applications.by_code(conn, code), scan, "image/png")
        applications.approve(conn, applications.by_code(conn, code), bytes(32))
    return applications.end_of(date.fromisoformat(fields.ends_on))


def database_files(town: Town) -> bytes:
    """What the database keeps in files; of PostgreSQL without the write-ahead log, which is recycled."""
    folder = town.folder
    if chosen() == "postgresql":
        cluster().execute("CHECKPOINT")
        folder = cluster().data / "base"
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
