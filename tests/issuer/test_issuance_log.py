"""The issuance log: promises are kept, in no order, and the closing leaf counts."""

import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import delete

from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.merkle import leaf_hash, root_of
from crypto.signed_note import VerifierKey
from crypto.tiles import decode_bundle
from issuer import store, tables
from issuer.issuance import TokenDesk
from issuer.issuance_log import IssuanceLog, slot_of
from issuer.keys import VoterPseudonym
from issuer.polls import log_id
from shared.closing import read_issuance_closing
from shared.db import read, write
from shared.given_mark import Forgotten
from shared.issuance_promise import issuance_leaf
from shared.log.reader import NoSuchFile, read_file
from shared.log.signer import LogRolledBack
from shared.manifest import Poll
from shared.refusals import PollClosed, Unavailable
from shared.statements import Statement
from tests.databases import back_up, drop_guards, restore
from tests.issuer.office import Office, blinded_message

pytestmark = pytest.mark.both_databases


def issue(office: Office, poll: Poll, number: int, desk: TokenDesk | None = None) -> list[bytes]:
    """Give tokens to this many people; the promised leaves. Raises PollClosed."""
    leaves = []
    for _ in range(number):
        person, message = VoterPseudonym(secrets.token_bytes(32)), blinded_message(poll)
        answer = (desk or office.desk).issue(poll.poll_id, person, message, nonce=secrets.token_bytes(32))
        leaves.append(issuance_leaf(poll.poll_id, person, answer.nonce, message))
    return leaves


def checkpoint(office: Office, poll: Poll) -> Checkpoint:
    entry = poll.manifest.issuers[0]
    return open_checkpoint(_file(office, poll, "checkpoint"), VerifierKey.parse(entry.log_key))


def entries(office: Office, poll: Poll) -> list[bytes]:
    """All published leaves, checked against the signed checkpoint."""
    head = checkpoint(office, poll)
    leaves = _bundle(office, poll, head.size) if head.size else []
    assert root_of(map(leaf_hash, leaves)) == head.root
    assert len(leaves) == head.size
    return list(leaves)


def _bundle(office: Office, poll: Poll, width: int) -> list[bytes]:
    return decode_bundle(_file(office, poll, f"tile/entries/000.p/{width}"), width)


def _file(office: Office, poll: Poll, path: str) -> bytes:
    with read(office.engine) as conn:
        return read_file(conn, tables.log, log_id(poll.manifest.issuers[0]), path).data


def test_leaves_wait_for_the_next_period(office: Office) -> None:
    poll = office.publish()
    leaves = issue(office, poll, 5)
    office.worker.step()
    assert entries(office, poll) == []
    period = slot_of(office.watch.now, office.settings.publish_every)
    IssuanceLog(office.engine, office.keys, office.settings.url).batch(poll, period + 1)
    assert sorted(entries(office, poll)) == sorted(leaves)


def test_the_worker_publishes_once_a_period(tmp_path: Path) -> None:
    office = Office(tmp_path, changes={"publish_every": 600})
    poll = office.publish()
    first = issue(office, poll, 3)
    office.watch.now += timedelta(seconds=600)
    office.worker.step()
    assert sorted(entries(office, poll)) == sorted(first)
    issue(office, poll, 1)
    office.worker.step()
    assert checkpoint(office, poll).size == 3


def test_the_closing_leaf_is_last_and_counts(office: Office) -> None:
    poll = office.publish()
    leaves = issue(office, poll, 7)
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    *published, closing = entries(office, poll)
    assert sorted(published) == sorted(leaves)
    assert read_issuance_closing(closing, poll.poll_id) == 7


def test_a_poll_without_issuances_closes_with_zero(office: Office) -> None:
    poll = office.publish()
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    office.worker.step()
    assert [read_issuance_closing(leaf, poll.poll_id) for leaf in entries(office, poll)] == [0]


@pytest.mark.attack("A8")
@pytest.mark.parametrize("closes", [True, False], ids=["closing", "a batch"])
def test_the_order_of_a_batch_is_not_the_order_of_arrival(office: Office, *, closes: bool) -> None:
    poll = office.publish()
    leaves = issue(office, poll, 12)
    if closes:
        office.watch.now = poll.manifest.closes_at
        office.worker.step()
    else:
        IssuanceLog(office.engine, office.keys, office.settings.url).batch(poll, slot_of(office.watch(), 1))
    published = entries(office, poll)[:12]
    assert sorted(published) == sorted(leaves)
    assert published not in (leaves, sorted(leaves, key=leaf_hash))


@pytest.mark.attack("A37")
def test_the_token_key_is_gone_after_closing_and_the_others_stay(office: Office) -> None:
    poll = office.publish()
    folder = office.settings.state / "polls" / poll.poll_id.hex()
    assert (folder / "token.der").is_file()
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    assert {path.name for path in folder.iterdir()} == {"log.id", "log.key", "log.mark", "pseudonym.key"}


def test_nothing_is_served_beyond_the_checkpoint(office: Office) -> None:
    poll = office.publish()
    issue(office, poll, 1)
    with pytest.raises(NoSuchFile):
        _file(office, poll, "tile/entries/000.p/1")


@pytest.mark.faults
def test_a_crash_before_the_checkpoint_is_repaired_by_the_next_pass(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = office.publish()
    issue(office, poll, 2)
    office.watch.now = poll.manifest.closes_at
    with monkeypatch.context() as patch:
        patch.setattr(IssuanceLog, "publish", lambda *_: (_ for _ in ()).throw(OSError))
        office.worker.step()
    assert checkpoint(office, poll).size == 0
    assert office.keys.has_token_key(poll.poll_id)
    office.worker.step()
    assert len(entries(office, poll)) == 3
    assert not office.keys.has_token_key(poll.poll_id)


@pytest.mark.faults
def test_a_log_that_was_rolled_back_is_not_signed(office: Office) -> None:
    poll = office.publish()
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    with write(office.engine) as conn:
        drop_guards(conn)
        for table in (tables.log.head, tables.log.checkpoint, tables.log.entry, tables.log.tile):
            conn.execute(delete(table))
    with pytest.raises(LogRolledBack):
        office.publish()


@pytest.mark.faults
@pytest.mark.attack("A37")
def test_closing_and_issuance_exclude_each_other(office: Office) -> None:
    poll = office.publish()
    promised: list[bytes] = []
    desks = [office.desk, office.new_desk()]
    started = Event()

    def ask_until_refused(number: int) -> None:
        with suppress(PollClosed):
            for _ in range(60):
                promised.extend(issue(office, poll, 1, desks[number % 2]))
                if len(promised) >= 10:
                    started.set()

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask_until_refused, number) for number in range(4)]
        try:
            assert started.wait(60)
        finally:
            office.watch.now = poll.manifest.closes_at
        office.worker.step()
        for future in asked:
            future.result()
    *published, closing = entries(office, poll)
    assert sorted(published) == sorted(promised)
    assert read_issuance_closing(closing, poll.poll_id) == len(promised) >= 10


@pytest.mark.faults
@pytest.mark.attack("A40")
@pytest.mark.parametrize("by", ["the number and a batch", "the number", "a batch"])
def test_a_restored_old_database_gives_no_second_token(office: Office, by: str) -> None:
    """The number of tokens given and the head that was signed lie outside of it; each is enough."""
    poll = office.publish()
    person = VoterPseudonym(secrets.token_bytes(32))
    issue(office, poll, 2)
    backup = back_up(office.folder / "issuer.sqlite")
    office.desk.issue(poll.poll_id, person, blinded_message(poll), nonce=secrets.token_bytes(32))
    if "batch" in by:
        IssuanceLog(office.engine, office.keys, office.settings.url).batch(poll, slot_of(office.watch(), 1))
    if "number" not in by:
        office.keys.issued_mark(poll.poll_id).path.unlink()
    office.engine.dispose()
    restore(backup, office.folder / "issuer.sqlite")
    with pytest.raises(Unavailable):
        office.desk.issue(poll.poll_id, person, blinded_message(poll), nonce=secrets.token_bytes(32))


@pytest.mark.faults
@pytest.mark.attack("A40")
def test_a_token_is_remembered_outside_of_the_database_before_it_is_given_again(office: Office) -> None:
    """Whoever died between the commit and the mark left a row that the mark does not know."""
    poll = office.publish()
    mark, person = office.keys.issued_mark(poll.poll_id), VoterPseudonym(bytes(32))
    asked = blinded_message(poll)
    office.desk.issue(poll.poll_id, person, asked, nonce=bytes(32))
    mark.path.unlink()
    office.desk.issue(poll.poll_id, person, asked, nonce=bytes(32))
    with pytest.raises(Forgotten):
        mark.check(0)


def test_a_cancellation_ends_the_issuance_for_good_only_when_the_box_has_it(office: Office) -> None:
    poll = office.publish()
    statement = Statement("cancellation", poll.poll_id, {"ru": "Отменено."})
    with write(office.engine) as conn:
        store.keep_statement(conn, statement)
    office.worker.step()
    with write(office.engine) as conn:
        store.forget_statement(conn, statement)
    assert len(issue(office, poll, 1)) == 1
    with write(office.engine) as conn:
        store.keep_statement(conn, statement)
        store.delivered(conn, statement)
    office.worker.step()
    assert not office.keys.has_token_key(poll.poll_id)
    assert read_issuance_closing(entries(office, poll)[-1], poll.poll_id) == 1


@pytest.mark.sqlite
def test_a_pass_with_nothing_to_do_waits_for_no_writer(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    poll = office.publish()
    with office.engine.connect() as pooled:
        pooled.exec_driver_sql("PRAGMA busy_timeout=10")
    for moment in (poll.manifest.closes_at - timedelta(seconds=1), poll.manifest.closes_at):
        office.watch.now = moment
        office.worker.step()
        with closing(sqlite3.connect(office.folder / "issuer.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            office.worker.step()
    assert "failed" not in capsys.readouterr().out
