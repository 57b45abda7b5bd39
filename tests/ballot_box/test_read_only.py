"""A database that does not fit what was signed stops the box: nothing is taken, everything is still shown."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, event, update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from ballot_box import store, tables
from ballot_box.app import create_app
from ballot_box.sequencing import sequence_ballots
from ballot_box.services import open_services
from ballot_box.store import StoredPoll
from crypto.checkpoint import Checkpoint
from shared.db import write
from shared.given_mark import Forgotten
from shared.manifest import Poll
from shared.refusals import BoxReadOnly
from tests import databases
from tests.ballot_box.box import Box, refusal

pytestmark = pytest.mark.faults

READ_ONLY = (503, "box-read-only")


def backup(box: Box) -> Path:
    """A copy of the database as a backup takes it."""
    return databases.back_up(box.folder / "box.sqlite")


def restore(box: Box, copy: Path) -> Box:
    """The box after its database, but not its state folder, went back to the copy."""
    box.engine.dispose()
    databases.restore(copy, box.folder / "box.sqlite")
    return Box(box.folder, box.watch)


def sequence(box: Box, poll: Poll) -> None:
    """Let the worker see what waits, and its wait pass."""
    box.worker.step()
    box.watch.now += timedelta(seconds=poll.manifest.batch.longest_wait)
    box.worker.step()


def log_id_of(poll: Poll) -> str:
    return poll.manifest.ballot_box.log_url.rpartition("/")[2]


@pytest.fixture
def restored(box: Box, poll: Poll) -> Box:
    """A box whose database was restored from a backup made before a ballot was published."""
    copy = backup(box)
    box.cast(poll, box.ballot(poll))
    sequence(box, poll)
    assert box.checkpoint(poll).size == 2
    return restore(box, copy)


def test_a_restored_old_database_is_noticed_at_the_start_of_the_worker(restored: Box, poll: Poll) -> None:
    restored.worker.compare()
    with pytest.raises(BoxReadOnly):
        restored.state.check_writable()
    assert refusal(restored.cast(poll, restored.ballot(poll))) == READ_ONLY


def test_a_comparison_that_broke_down_is_made_at_the_next_pass(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = box.settings.state / "logs" / f"{'ab' * 16}.mark"
    mark.write_text(Checkpoint("a log that the database lacks", 1, bytes(32)).text())
    with monkeypatch.context() as patch:
        patch.setattr(store, "all_polls", _unavailable)
        with pytest.raises(OperationalError):
            box.worker.step()
    assert not box.state.is_read_only()
    box.worker.step()
    assert box.state.is_read_only()


def _unavailable(_conn: Connection) -> None:
    raise OperationalError("SELECT", None, Exception())


@pytest.mark.attack("A40")
def test_a_restored_old_database_is_noticed_at_the_door_before_any_worker(restored: Box, poll: Poll) -> None:
    answer = restored.cast(poll, restored.ballot(poll))
    assert refusal(answer) == READ_ONLY
    assert int(answer.headers["Retry-After"]) > 0
    assert restored.waiting(poll) == 0
    with pytest.raises(BoxReadOnly):
        restored.state.check_writable()


def stored(conn: Connection, poll: Poll) -> StoredPoll:
    found = store.find_poll(conn, poll.poll_id)
    assert found is not None
    return found


@pytest.fixture
def forgetful(box: Box, poll: Poll) -> Box:
    """A box whose database forgot a ballot that has a receipt and waited, under no signed head yet."""
    box.cast(poll, box.ballot(poll))
    copy = backup(box)
    assert box.cast(poll, box.ballot(poll)).status_code == 200
    return restore(box, copy)


@pytest.mark.attack("A40")
def test_a_database_that_forgot_a_waiting_ballot_is_noticed_at_the_door(forgetful: Box, poll: Poll) -> None:
    assert refusal(forgetful.cast(poll, forgetful.ballot(poll))) == READ_ONLY
    assert forgetful.waiting(poll) == 1


@pytest.mark.attack("A40")
def test_nothing_is_sequenced_while_a_ballot_with_a_receipt_is_gone(forgetful: Box, poll: Poll) -> None:
    with pytest.raises(BoxReadOnly), write(forgetful.engine) as conn:
        sequence_ballots(open_services(forgetful.settings, forgetful.watch), conn, stored(conn, poll))
    assert forgetful.waiting(poll) == 1


def test_a_worker_that_begins_to_lead_notices_that_a_ballot_is_gone(forgetful: Box, poll: Poll) -> None:
    forgetful.worker.step()
    assert forgetful.state.is_read_only()
    assert refusal(forgetful.cast(poll, forgetful.ballot(poll))) == READ_ONLY


def test_a_receipt_is_remembered_outside_of_the_database_before_it_is_given_again(
    box: Box, poll: Poll
) -> None:
    """Whoever died between the commit and the mark left a row that the mark does not know."""
    ballot, mark = box.ballot(poll), box.state.receipts_mark(log_id_of(poll))
    box.cast(poll, ballot)
    mark.path.unlink()
    assert box.cast(poll, ballot).status_code == 200
    with pytest.raises(Forgotten):
        mark.check(0)


def test_once_the_mark_is_taken_away_those_who_have_their_ballot_send_it_again(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    copy = backup(box)
    receipt = box.cast(poll, ballot).get_json()
    restored = restore(box, copy)
    assert refusal(restored.cast(poll, ballot)) == READ_ONLY
    restored.state.receipts_mark(log_id_of(poll)).path.unlink()
    (restored.settings.state / "READ-ONLY").unlink()
    assert restored.cast(poll, ballot).get_json() == receipt
    assert restored.waiting(poll) == 1


def test_a_poll_that_the_restored_database_lost_is_not_published_anew(box: Box) -> None:
    poll = box.draft()
    copy = backup(box)
    box.put(poll)
    box.cast(poll, box.ballot(poll))
    sequence(box, poll)
    restored = restore(box, copy)
    assert refusal(restored.put(poll)) == READ_ONLY
    assert restored.http.get("/polls").get_json() == {"polls": []}


def test_a_history_of_the_same_length_but_another_is_noticed(box: Box, poll: Poll) -> None:
    mark = box.state.log_signer(log_id_of(poll), "x").mark
    other = Checkpoint(poll.manifest.ballot_box.log_url.removeprefix("http://"), 1, bytes(32))
    mark.write_text(other.text())
    assert refusal(box.cast(poll, box.ballot(poll))) == READ_ONLY


def test_a_mark_that_does_not_read_stops_the_box(box: Box, poll: Poll) -> None:
    log_id = log_id_of(poll)
    (box.settings.state / "logs" / f"{log_id}.mark").write_bytes(b"damaged")
    assert refusal(box.cast(poll, box.ballot(poll))) == READ_ONLY


def test_a_read_only_box_takes_nothing_and_shows_everything(restored: Box, poll: Poll) -> None:
    restored.worker.compare()
    base = f"/polls/{poll.poll_id.hex()}"
    assert refusal(restored.cast(poll, restored.ballot(poll))) == READ_ONLY
    assert refusal(restored.ask_log("cd" * 32)) == READ_ONLY
    assert refusal(restored.put(poll)) == READ_ONLY
    for path in ("/", "/polls", f"{base}/manifest.json", f"{base}/signatures.json", f"{base}/state.json"):
        assert restored.http.get(path).status_code == 200
    assert restored.leaves(poll) == [poll.first_leaf]


def test_a_read_only_box_neither_sequences_nor_closes(box: Box, poll: Poll) -> None:
    box.cast(poll, box.ballot(poll))
    box.state.stop_writing("a test")
    box.close(poll)
    assert box.leaves(poll) == [poll.first_leaf]
    (box.settings.state / "READ-ONLY").unlink()
    box.worker.step()
    assert len(box.leaves(poll)) == 3


def test_the_reason_is_kept_and_logged_loudly(restored: Box) -> None:
    with capture_logs() as lines:
        restored.worker.compare()
    reason = (restored.settings.state / "READ-ONLY").read_text()
    assert "LogRolledBack: the database has 1 leaves, 2 were signed" in reason
    (line,) = lines
    assert (line["log_level"], line["event"]) == ("critical", "box-read-only")
    assert line["error"] in reason


def test_damaged_tiles_stop_the_box(box: Box, poll: Poll) -> None:
    with write(box.engine) as conn:
        conn.execute(update(tables.log.tile).values(data=bytes(32)))
    box.cast(poll, box.ballot(poll))
    sequence(box, poll)
    assert refusal(box.cast(poll, box.ballot(poll))) == READ_ONLY
    assert box.waiting(poll) == 1


def test_a_damaged_ballot_is_not_counted_over(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot)
    sequence(box, poll)
    with write(box.engine) as conn:
        databases.drop_guard(conn, "log_entry", "log_entry_is_final")
        damaged = ballot.replace(b"river", b"rivex")
        conn.execute(update(tables.log.entry).where(tables.log.entry.c.idx == 1).values(entry=damaged))
    box.close(poll)
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 404
    assert refusal(box.cast(poll, ballot)) == READ_ONLY


@pytest.mark.attack("A20")
def test_one_poll_that_fails_does_not_hold_up_the_others(box: Box, poll: Poll) -> None:
    second = box.publish("cd" * 32)
    log_id = log_id_of(poll)
    (box.settings.state / "logs" / f"{log_id}.key").unlink()
    box.close(second)
    assert len(box.leaves(second)) == 2
    assert box.http.get(f"/polls/{second.poll_id.hex()}/result.json").status_code == 200
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 404


def test_a_crash_between_commit_and_checkpoint_is_repaired_by_the_next_pass(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.cast(poll, box.ballot(poll))
    with monkeypatch.context() as patch:
        patch.setattr("shared.log.publisher.publish", lambda *_: (_ for _ in ()).throw(OSError))
        box.close(poll)
    assert box.leaves(poll) == [poll.first_leaf]
    box.worker.step()
    assert len(box.leaves(poll)) == 3
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 200


def test_a_crash_before_the_result_is_repaired_by_the_next_pass(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ballot_box.tally.sign_result", lambda *_: (_ for _ in ()).throw(OSError))
        box.close(poll)
    path = f"/polls/{poll.poll_id.hex()}/result.json"
    assert box.http.get(path).status_code == 404
    box.new_worker().step()
    assert box.http.get(path).status_code == 200


def test_a_lost_reply_to_a_publication_is_repaired_by_repeating_it(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = box.draft()
    with monkeypatch.context() as patch:
        patch.setattr("shared.log.publisher.publish", lambda *_: (_ for _ in ()).throw(OSError))
        assert refusal(box.put(poll)) == (500, "internal-error")
    assert box.http.get(f"/log/{'0' * 32}/checkpoint").status_code == 404
    assert box.put(poll).status_code == 200
    assert box.leaves(poll) == [poll.first_leaf]


def test_a_restored_database_that_lacks_a_whole_log_is_noticed(box: Box) -> None:
    copy = backup(box)
    box.publish()
    restored = restore(box, copy)
    restored.worker.compare()
    assert "lacks a log that was signed" in (restored.settings.state / "READ-ONLY").read_text()


def test_an_entry_that_is_gone_is_noticed_at_the_start(box: Box, poll: Poll) -> None:
    box.cast(poll, box.ballot(poll))
    sequence(box, poll)
    with write(box.engine) as conn:
        databases.drop_guard(conn, "log_entry", "log_entry_stays")
        conn.execute(delete(tables.log.entry).where(tables.log.entry.c.idx == 1))
    box.new_worker().step()
    assert refusal(box.cast(poll, box.ballot(poll))) == READ_ONLY


@pytest.mark.attack("A16")
def test_nothing_is_taken_while_the_disk_is_nearly_full(box: Box, poll: Poll) -> None:
    ballot, full = box.ballot(poll), box.settings.model_copy(update={"reserve": 1 << 60})
    answer = box.cast(poll, ballot, create_app(full, box.watch).test_client())
    assert refusal(answer) == (503, "storage-full")
    assert int(answer.headers["Retry-After"]) > 0
    assert box.waiting(poll) == 0
    assert box.cast(poll, ballot).status_code == 200


@pytest.mark.attack("A16")
@pytest.mark.sqlite
def test_a_disk_that_fills_up_costs_no_acknowledged_ballot(box: Box, poll: Poll) -> None:
    """The database itself has no more pages to give: SQLITE_FULL, as on a full disk."""
    http = create_app(box.settings, box.watch)
    engine = http.extensions["veche"].engine
    event.listen(engine, "connect", lambda conn, _: conn.execute("PRAGMA max_page_count = 60"))
    ballots = [box.ballot(poll) for _ in range(200)]
    answers = [box.cast(poll, ballot, http.test_client()) for ballot in ballots]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {refusal(answer) for answer in refused} == {(503, "unavailable")}
    assert 0 < len(refused) < len(ballots)
    acknowledged = [b for b, answer in zip(ballots, answers, strict=True) if answer.status_code == 200]
    box.close(poll)
    assert sorted(box.leaves(poll)[1:-1]) == sorted(acknowledged)
