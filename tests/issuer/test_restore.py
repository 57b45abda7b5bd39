"""A lost machine, restored as docs/operations.md says: database, mirror of keys, marks from checkpoints."""

import shutil
from pathlib import Path

import pytest

from issuer import tables
from issuer.issuance_log import IssuanceLog
from issuer.keys import open_keys
from issuer.polls import log_id, own_entry
from shared.db import connect, read
from shared.durable import write_durably
from shared.log.publisher import published_note
from shared.log.signer import LogRolledBack
from shared.manifest import Poll
from shared.refusals import PollClosed, TokenAlreadyIssued
from tests import databases
from tests.issuer.office import Office, blinded_message

pytestmark = pytest.mark.both_databases

SNILS = "00000060002"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "mirror").mkdir()
    return Office(tmp_path, changes={"key_backup": tmp_path / "mirror"})


def back_up(office: Office) -> None:
    office.worker.step()
    databases.back_up(office.folder / "issuer.sqlite")


def lose_and_restore(office: Office) -> None:
    """The machine is gone; the key-encryption key and the two backups are not."""
    office.engine.dispose()
    shutil.rmtree(office.settings.state)
    databases.restore(office.folder / "issuer.sqlite.backup", office.folder / "issuer.sqlite")
    shutil.copytree(office.folder / "mirror", office.settings.state)
    office.keys, office.engine = open_keys(office.settings), connect(office.settings.database)


def restore_mark(office: Office, poll: Poll) -> None:
    """`head -n 3 checkpoint > polls/POLL_ID/log.mark`"""
    with read(office.engine) as conn:
        note = published_note(conn, tables.log, log_id(own_entry(poll, office.settings.url)))
    assert note is not None
    write_durably(office.keys.log_mark(poll.poll_id), b"".join(note.splitlines(keepends=True)[:3]))


@pytest.mark.faults
@pytest.mark.attack("A40")
def test_after_a_restore_one_person_still_has_one_token(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    pseudonym = office.keys.pseudonym(poll.poll_id, SNILS)
    issued = office.desk.issue(poll.poll_id, pseudonym, message, nonce=bytes(32))
    back_up(office)
    lose_and_restore(office)
    restore_mark(office, poll)
    desk = office.new_desk()
    assert office.keys.pseudonym(poll.poll_id, SNILS) == pseudonym
    assert desk.issue(poll.poll_id, pseudonym, message, nonce=bytes(32)) == issued
    with pytest.raises(TokenAlreadyIssued):
        desk.issue(poll.poll_id, pseudonym, blinded_message(poll), nonce=bytes(32))


@pytest.mark.faults
def test_a_poll_whose_token_key_was_lost_gives_no_more_tokens_and_closes(office: Office) -> None:
    poll = office.publish()
    back_up(office)
    lose_and_restore(office)
    restore_mark(office, poll)
    someone = office.keys.pseudonym(poll.poll_id, SNILS)
    with pytest.raises(PollClosed):
        office.new_desk().issue(poll.poll_id, someone, blinded_message(poll), nonce=bytes(32))
    IssuanceLog(office.engine, office.keys, office.settings.url).close(poll)


@pytest.mark.faults
def test_without_its_mark_a_log_is_not_signed_on(office: Office) -> None:
    poll = office.publish()
    back_up(office)
    lose_and_restore(office)
    with pytest.raises(LogRolledBack, match="mark is lost"):
        IssuanceLog(office.engine, office.keys, office.settings.url).close(poll)
