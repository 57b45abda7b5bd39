"""After the archive nobody can tell who took part: no file tells it, and no backup made as documented."""

import hashlib
import hmac
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from issuer import store, tables
from issuer.archive import Archive, NotYetDue, archive_due
from issuer.custody import Custody, SecretUnreadable
from issuer.esia_stand.residents import RESIDENTS
from issuer.keys import KeyStore
from issuer.polls import log_id, own_entry
from issuer.store import Issuance
from shared import db
from shared.db import Busy, read
from shared.encoding import b64u, from_b64u
from shared.log.reader import read_file
from shared.manifest import Poll
from shared.refusals import PollClosed
from tests.issuer.office import Office, blinded_message, sample_draft
from tests.watch import NOON

pytestmark = pytest.mark.sqlite

EVERYBODY = sorted({"".join(filter(str.isdigit, resident.snils)) for resident in RESIDENTS})
VOTERS = EVERYBODY[::3]
"""With the full list in hand: every third one takes part."""

TEXT = re.compile(rb"[A-Za-z0-9_-]{43}|[0-9a-f]{64}")
LEAST_DISTINCT = 21
"""Distinct bytes among 32: of random ones fewer than four in a thousand million have less."""


@dataclass
class Town:
    """A poll with voters, another one that stays open, and the documented backups of both."""

    office: Office
    poll: Poll
    issued: list[Issuance]
    numbers: Iterator[int]

    def back_up(self) -> None:
        """What docs/operations.md says: the database by SQLite's backup; the keys follow by the worker."""
        self.office.worker.step()
        target = self.office.folder / "backups" / f"issuer-{next(self.numbers)}.sqlite"
        source = sqlite3.connect(self.office.folder / "issuer.sqlite")
        with sqlite3.connect(target) as copy:
            source.backup(copy)
        copy.close()
        source.close()

    def pass_to(self, moment: str) -> None:
        """Let the time come, and back up."""
        manifest = self.poll.manifest
        moments = {"closing": manifest.closes_at, "archive": archive_due(self.poll)}
        self.office.watch.now = moments[moment]
        self.back_up()


@pytest.fixture
def town(tmp_path: Path) -> Town:
    for name in ("backups", "key-backup"):
        (tmp_path / name).mkdir()
    office = Office(tmp_path, changes={"key_backup": tmp_path / "key-backup"})
    poll = office.publish(sample_draft(dispute_days=1))
    office.publish(sample_draft(closes_at="2027-11-23T12:00:00Z"))
    for number, snils in enumerate(VOTERS):
        pseudonym = office.keys.pseudonym(poll.poll_id, snils)
        nonce = hashlib.sha256(bytes([number])).digest()
        office.desk.issue(poll.poll_id, pseudonym, blinded_message(poll), nonce=nonce)
    with read(office.engine) as conn:
        rows = conn.execute(select(tables.issuance)).all()
    issued = [Issuance(row.pseudonym, row.nonce, row.blinded_message, row.blind_signature) for row in rows]
    town = Town(office, poll, issued, count())
    town.back_up()
    return town


def windows(data: bytes) -> set[bytes]:
    """Everything of 32 bytes that could be a key or a hash, plain or in text."""
    found = {data[at : at + 32] for at in range(len(data) - 31)}
    for text in TEXT.findall(data):
        try:
            found.add(bytes.fromhex(text.decode()) if len(text) == 64 else from_b64u(text.decode()))
        except ValueError:
            continue
    return {window for window in found if len(window) == 32 and len(set(window)) >= LEAST_DISTINCT}


def participants(folder: Path) -> set[str]:
    """Who took part, for someone who has all these files, the key-encryption key and everybody's SNILS."""
    custody = Custody.parse((folder / "kek").read_text())
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if path.is_file():
            found |= windows(path.read_bytes()) | opened(custody, path)
    return {
        snils for key in found for snils in EVERYBODY if hmac.digest(key, snils.encode(), "sha256") in found
    }


def opened(custody: Custody, path: Path) -> set[bytes]:
    """The secret in a wrapped file, whatever copy of it this is."""
    name = "/".join(path.parts[-3:] if "polls" in path.parts else path.parts[-2:])
    try:
        return {custody.unwrap(name, path.read_bytes())}
    except SecretUnreadable:
        return set()


@pytest.mark.attack("A11")
def test_before_the_archive_the_search_finds_everybody_who_took_part(town: Town) -> None:
    town.pass_to("closing")
    assert participants(town.office.folder) == set(VOTERS)


@pytest.mark.attack("A11")
def test_after_the_archive_no_file_and_no_backup_tells_who_took_part(town: Town) -> None:
    town.pass_to("closing")
    town.pass_to("archive")
    assert participants(town.office.folder) == set()


def test_a_copy_of_the_keys_that_was_kept_against_the_rules_is_closed_by_a_new_key(
    town: Town, tmp_path: Path
) -> None:
    shutil.copytree(tmp_path / "key-backup", tmp_path / "forgotten" / "copy")
    town.pass_to("archive")
    assert participants(town.office.folder) == set(VOTERS)
    (tmp_path / "kek").write_text(b64u(bytes(range(32))))
    assert participants(town.office.folder) == set()


def test_nothing_of_an_issuance_is_left_in_the_files_of_the_database(town: Town) -> None:
    town.pass_to("archive")
    files = [path.read_bytes() for path in town.office.folder.glob("issuer.sqlite*")]
    for one in town.issued:
        for value in (one.pseudonym, one.nonce, one.blinded_message, one.blind_signature):
            assert value is not None
            assert not any(value in data for data in files)


def test_the_count_and_the_public_log_remain(town: Town) -> None:
    town.pass_to("closing")
    before = checkpoint(town)
    town.pass_to("archive")
    town.office.worker.step()
    with read(town.office.engine) as conn:
        assert store.count_issuances(conn, town.poll.poll_id) == len(VOTERS)
    assert checkpoint(town) == before
    assert before.split(b"\n")[1] == str(len(VOTERS) + 1).encode()


def test_an_archived_poll_gives_nothing_not_even_a_repeated_answer(town: Town) -> None:
    town.pass_to("archive")
    one = town.issued[0]
    with pytest.raises(PollClosed):
        town.office.desk.issue(town.poll.poll_id, one.pseudonym, one.blinded_message, nonce=bytes(32))


def test_until_the_dispute_period_is_over_all_stays(town: Town) -> None:
    town.pass_to("closing")
    town.office.watch.now = archive_due(town.poll) - timedelta(seconds=1)
    town.office.worker.step()
    with pytest.raises(NotYetDue):
        Archive(town.office.engine, town.office.keys).archive(town.poll, town.office.watch.now)
    one = town.issued[0]
    again = town.office.desk.issue(town.poll.poll_id, one.pseudonym, one.blinded_message, nonce=bytes(32))
    assert again.blind_signature == one.blind_signature


def test_the_archive_waits_for_the_last_promise(office: Office) -> None:
    poll = office.publish(sample_draft(dispute_days=0))
    assert archive_due(poll) == poll.manifest.include_by > poll.manifest.closes_at > NOON


@pytest.mark.faults
def test_a_crash_after_each_step_is_repaired_at_the_next_pass(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.pass_to("closing")
    town.office.watch.now = archive_due(town.poll)
    for place, name in ((store, "archive"), (store, "finish_archive"), (KeyStore, "destroy_pseudonym_key")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, crash)
            town.office.worker.step()
        with read(town.office.engine) as conn:
            assert not store.is_archived(conn, town.poll.poll_id), f"{name} is not called"
    town.office.worker.step()
    with read(town.office.engine) as conn:
        assert store.is_archived(conn, town.poll.poll_id)
        assert store.count_issuances(conn, town.poll.poll_id) == len(VOTERS)


def crash(*_: object) -> None:
    raise RuntimeError


@pytest.mark.faults
def test_a_reader_of_old_pages_holds_the_archive_up_and_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.pass_to("closing")
    monkeypatch.setattr(db, "_PRAGMAS", (*db._PRAGMAS[:3], "busy_timeout=50", *db._PRAGMAS[4:]))
    engine = db.connect(town.office.settings.database)
    archive = Archive(engine, town.office.keys)
    with read(engine) as conn:
        conn.execute(select(tables.issuance)).all()
        with pytest.raises(Busy):
            archive.archive(town.poll, archive_due(town.poll))
        assert not archive.is_archived(town.poll)
    archive.archive(town.poll, archive_due(town.poll))
    assert archive.is_archived(town.poll)


def checkpoint(town: Town) -> bytes:
    log = log_id(own_entry(town.poll, town.office.settings.url))
    with read(town.office.engine) as conn:
        return read_file(conn, tables.log, log, "checkpoint").data


@pytest.mark.faults
def test_a_writer_holds_the_archive_up_and_no_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_PRAGMAS", (*db._PRAGMAS[:3], "busy_timeout=50", *db._PRAGMAS[4:]))
    engine = db.connect(town.office.settings.database)
    with db.write(engine), pytest.raises(Busy):
        db.sweep(engine)
    db.sweep(engine)
