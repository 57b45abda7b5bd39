"""The ballot box on PostgreSQL: rights, protections, and no order of arrival in its rows."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from ballot_box import tally
from shared import postgresql
from shared.ballot import Ballot, decode_ballot
from shared.db import connect, read, write
from shared.log import reader
from shared.manifest import Poll
from tests.ballot_box.box import Box, refusal
from tests.ballot_box.test_statements import said, send
from tests.databases import cluster, database_name
from tests.programs.processes import command

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]

ROLES: Final = Path(__file__).parents[2] / "deploy" / "postgresql" / "roles.sql"
FORBIDDEN: Final = (
    "DELETE FROM ballot_key",
    "UPDATE ballot_key SET leaf_hash = ''",
    "TRUNCATE ballot_key",
    "DELETE FROM log_entry",
    "TRUNCATE log_entry",
    "UPDATE log_entry SET entry = ''",
    "UPDATE log_entry SET idx = 1000",
    "UPDATE log_entry SET idx = NULL",
    "TRUNCATE log_waiting",
    "DELETE FROM log_head",
    "UPDATE log_head SET size = 0",
    "UPDATE log_checkpoint SET note = ''",
    "DELETE FROM log_checkpoint",
    "UPDATE poll SET manifest = ''",
    "DELETE FROM poll",
)


def sequenced(box: Box, poll: Poll, ballots: int) -> None:
    for _ in range(ballots):
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    box.close(poll)


def test_the_database_refuses_even_its_owner(box: Box, poll: Poll) -> None:
    box.cast(poll, box.ballot(poll))
    box.worker.step()
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError) as error, write(box.engine) as conn:
            conn.exec_driver_sql(statement)
        assert isinstance(error.value.orig, RaiseException)


def test_the_largest_revision_that_a_ballot_has_room_for_is_taken(box: Box) -> None:
    poll = box.publish(revoting=True)
    ballot = box.ballot(poll, revision=2**32 - 1)
    assert box.cast(poll, ballot).status_code == 200
    box.close(poll)
    assert ballot in box.leaves(poll)


def test_an_address_that_the_database_cannot_hold_is_not_found(box: Box) -> None:
    assert refusal(box.http.get("/log/%00/checkpoint")) == (404, "not-found")


def test_a_count_may_take_longer_than_a_transaction_may_idle(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(data: bytes) -> Ballot:
        time.sleep(0.1)
        return decode_ballot(data)

    for _ in range(8):
        box.cast(poll, box.ballot(poll))
    box.watch.now = poll.manifest.closes_at
    hasty = postgresql._CONNECTION["options"].replace("session_timeout=60s", "session_timeout=500ms")
    monkeypatch.setitem(postgresql._CONNECTION, "options", hasty)
    monkeypatch.setattr(reader, "PAGE", 2)
    monkeypatch.setattr(tally, "decode_ballot", slowly)
    box.new_worker().step()
    assert box.get(f"/polls/{poll.poll_id.hex()}/result.json")


ENTRIES: Final = "SELECT idx, xmin::text FROM log_entry WHERE log_id = '{}' AND idx > 0 ORDER BY ctid"
KEYS: Final = "SELECT ballot_key, xmin::text FROM ballot_key ORDER BY ctid"


def test_when_a_poll_is_closed_neither_place_nor_writer_of_a_row_tells_when_it_came(
    box: Box, poll: Poll
) -> None:
    sequenced(box, poll, 12)
    log_id = poll.manifest.ballot_box.log_url.rpartition("/")[2]
    with read(box.engine) as conn:
        entries, keys = (conn.exec_driver_sql(query).all() for query in (ENTRIES.format(log_id), KEYS))
    assert [index for index, _ in entries] == list(range(1, 14))
    assert [key for key, _ in keys] == sorted(key for key, _ in keys)
    assert len({writer for rows in (entries, keys) for _, writer in rows}) == 1


def test_the_keys_of_a_cancelled_poll_do_not_tell_who_wrote_them(box: Box, poll: Poll) -> None:
    for _ in range(6):
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    assert send(box, poll, said("cancellation", poll)).status_code == 201
    with read(box.engine) as conn:
        keys = conn.exec_driver_sql(KEYS).all()
    assert (len(keys), len({writer for _, writer in keys})) == (6, 1)


@dataclass
class Roles:
    """Databases and roles of both services, as deploy/postgresql/roles.sql makes them."""

    name: str

    def __post_init__(self) -> None:
        script = ROLES.read_text("utf-8")
        for known in ("veche_box", "veche_issuer"):
            script = script.replace(known, f"{self.name}_{known}")
        file = cluster().folder / f"{self.name}.sql"
        file.write_text(script, "utf-8")
        cluster().command("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}")

    def url(self, service: str, role: str) -> str:
        """The database of a service, as a role."""
        return cluster().url(f"{self.name}_veche_{service}", f"{self.name}_veche_{role}")


@pytest.fixture
def roles(tmp_path: Path) -> Roles:
    return Roles(database_name(tmp_path))


@pytest.fixture
def least(roles: Roles, tmp_path: Path) -> Box:
    """A box whose role has the rights that `veche-box init` gave it, and none else."""
    (tmp_path / "other").mkdir()
    settings = Box(tmp_path / "other").environment() | {
        "VECHE_BOX_DATABASE": roles.url("box", "box"),
        "VECHE_BOX_DATABASE_OWNER": roles.url("box", "box_owner"),
        "VECHE_BOX_STATE": str(tmp_path / "state"),
    }
    for _ in range(2):
        subprocess.run([command("veche-box"), "init"], env=os.environ | settings, check=True)
    return Box(tmp_path, database=roles.url("box", "box"))


def test_the_service_needs_no_more_than_its_rights_and_has_none_to_undo(least: Box) -> None:
    poll = least.publish()
    sequenced(least, poll, 3)
    assert len(least.leaves(poll)) == 5
    assert least.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 200
    for statement in (*FORBIDDEN, "DROP TABLE log_entry", "ALTER TABLE poll DISABLE TRIGGER ALL"):
        with pytest.raises(DBAPIError) as error, write(least.engine) as conn:
            conn.exec_driver_sql(statement)
        assert isinstance(error.value.orig, InsufficientPrivilege | RaiseException)


@pytest.mark.parametrize(("service", "role"), [("box", "issuer"), ("issuer", "box"), ("box", "issuer_owner")])
def test_no_service_can_even_connect_to_the_other_database(roles: Roles, service: str, role: str) -> None:
    with pytest.raises(OperationalError, match="permission denied for database"):
        connect(roles.url(service, role)).connect()


def test_the_log_of_the_server_is_told_no_value_of_a_row(roles: Roles) -> None:
    log, value = cluster().folder / "server.log", f"kept out of the log, {roles.name}"
    before, engine = log.stat().st_size, connect(roles.url("box", "box_owner"))
    with write(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE once (name text PRIMARY KEY)")
    with pytest.raises(IntegrityError), write(engine) as conn:
        conn.exec_driver_sql("INSERT INTO once VALUES (%s), (%s)", (value, value))
    written = log.read_text("utf-8")[before:]
    assert "duplicate key value" in written
    assert value not in written
