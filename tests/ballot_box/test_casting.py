"""Casting: one ballot per key, verified at the door, promised after the commit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from ballot_box import tables
from crypto import ballot_signature
from crypto.merkle import leaf_hash
from shared.ballot import (
    MAX_BALLOT_SIZE,
    decode_ballot,
)
from shared.db import read, write
from shared.encoding import from_b64u
from shared.manifest import Poll
from shared.receipt import verify_receipt
from tests.ballot_box.box import CLIENT_URL, Box, refusal
from tests.databases import everything_kept, take_away
from tests.simulator import ANSWERS, Election
from tests.watch import NOON

pytestmark = pytest.mark.both_databases


def test_a_ballot_gets_a_receipt_that_verifies(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    answer = box.cast(poll, ballot)
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {"leaf_hash", "poll_id", "receipt"}
    assert (body["leaf_hash"], body["poll_id"]) == (leaf_hash(ballot).hex(), poll.poll_id.hex())
    verify_receipt(box.state.statement_key(), poll.poll_id, leaf_hash(ballot), from_b64u(body["receipt"]))
    assert box.waiting(poll) == 1


def test_the_bytes_in_the_log_are_those_that_came(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot)
    box.close(poll)
    assert box.leaves(poll)[1] == ballot


def test_a_lost_reply_is_repaired_by_sending_the_same_bytes(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    first, second = box.cast(poll, ballot), box.cast(poll, ballot)
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert box.waiting(poll) == 1


def test_the_same_bytes_get_the_same_receipt_after_sequencing_and_after_closing(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    first = box.cast(poll, ballot)
    box.close(poll)
    box.watch.now += timedelta(days=30)
    second = box.cast(poll, ballot)
    assert (second.status_code, second.data) == (200, first.data)


@pytest.mark.attack("A12")
def test_another_ballot_of_one_key_is_refused(box: Box, poll: Poll) -> None:
    key = ballot_signature.generate()
    first = box.ballot(poll, ANSWERS[0], key=key)
    assert box.cast(poll, first).status_code == 200
    assert refusal(box.cast(poll, box.ballot(poll, ANSWERS[1], key=key))) == (409, "ballot-already-cast")
    box.close(poll)
    assert refusal(box.cast(poll, box.ballot(poll, ANSWERS[1], key=key))) == (409, "ballot-already-cast")
    assert box.leaves(poll)[1:-1] == [first]


def test_50_different_ballots_of_one_key_at_once_are_one_ballot(box: Box, poll: Poll) -> None:
    key = ballot_signature.generate()
    token = (Election(poll).token(ballot_signature.public_bytes(key)),)
    ballots = [box.ballot(poll, ANSWERS[n % 4], key=key, tokens=token) for n in range(50)]
    clients = [box.new_http() for _ in range(5)]
    with ThreadPoolExecutor(16) as pool:
        sent = pool.map(lambda n: box.cast(poll, ballots[n], clients[n % 5]), range(50))
        statuses = [answer.status_code for answer in sent]
    assert (statuses.count(200), statuses.count(409)) == (1, 49)
    box.close(poll)
    assert box.leaves(poll)[1:-1] == [ballots[statuses.index(200)]]


def test_50_times_the_same_ballot_at_once_is_one_ballot_and_one_receipt(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    clients = [box.new_http() for _ in range(5)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: box.cast(poll, ballot, clients[n % 5]), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert box.waiting(poll) == 1


@pytest.mark.attack("A37")
def test_the_window_includes_its_start_and_excludes_its_end(box: Box, poll: Poll) -> None:
    second = timedelta(seconds=1)
    for moment, expected in (
        (poll.manifest.opens_at - second, (403, "poll-not-open")),
        (poll.manifest.closes_at, (403, "poll-closed")),
        (poll.manifest.closes_at + second, (403, "poll-closed")),
    ):
        box.watch.now = moment
        assert refusal(box.cast(poll, box.ballot(poll))) == expected
    assert box.waiting(poll) == 0
    for moment in (poll.manifest.opens_at, poll.manifest.closes_at - second):
        box.watch.now = moment
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    assert box.waiting(poll) == 2


def test_a_refused_early_ballot_may_be_cast_when_the_poll_is_open(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.watch.now = poll.manifest.opens_at - timedelta(seconds=1)
    assert refusal(box.cast(poll, ballot)) == (403, "poll-not-open")
    box.watch.now = NOON
    assert box.cast(poll, ballot).status_code == 200


def test_a_closed_log_takes_no_ballot_though_the_clock_went_back(box: Box, poll: Poll) -> None:
    box.close(poll)
    box.watch.now = NOON
    assert refusal(box.cast(poll, box.ballot(poll))) == (403, "poll-closed")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "multipart/form-data"])
def test_a_body_of_another_media_type_is_refused(box: Box, poll: Poll, media_type: str) -> None:
    answer = box.cast(poll, box.ballot(poll), content_type=media_type)
    assert refusal(answer) == (415, "media-type-unsupported")
    assert box.waiting(poll) == 0


def test_a_body_too_large_is_refused_and_the_largest_is_read(box: Box, poll: Poll) -> None:
    assert refusal(box.cast(poll, bytes(MAX_BALLOT_SIZE + 1))) == (413, "too-large")
    assert refusal(box.cast(poll, bytes(MAX_BALLOT_SIZE))) == (422, "ballot-malformed")


def test_answers_refusals_and_preflights_are_for_the_client_alone(box: Box, poll: Poll) -> None:
    preflight = box.http.options(
        f"/polls/{poll.poll_id.hex()}/ballots",
        headers={"Origin": CLIENT_URL, "Access-Control-Request-Method": "POST"},
    )
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    for answer in (box.cast(poll, box.ballot(poll)), box.cast(poll, b""), preflight):
        assert answer.headers["Access-Control-Allow-Origin"] == CLIENT_URL
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert box.cast(poll, box.ballot(poll)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The ballot is damaged"), ("ru", "Бюллетень повреждён")]
)
def test_a_refusal_speaks_the_language_asked_for(box: Box, poll: Poll, language: str, words: str) -> None:
    answer = box.cast(poll, b"x", headers={"Accept-Language": language})
    assert answer.get_json(force=True)["detail"].startswith(words)


def test_the_database_itself_refuses_to_free_a_ballot_key_or_to_change_a_poll(box: Box, poll: Poll) -> None:
    box.cast(poll, box.ballot(poll))
    for statement in (
        delete(tables.ballot_key),
        update(tables.ballot_key).values(leaf_hash=bytes(32)),
        delete(tables.poll),
        update(tables.poll).values(manifest=b"{}"),
    ):
        with write(box.engine) as conn, pytest.raises(DatabaseError):
            conn.execute(statement)


@pytest.mark.attack("A8")
@pytest.mark.attack("A10")
def test_a_row_of_a_ballot_tells_neither_time_nor_order_nor_sender(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot, headers={"User-Agent": "SECRET-AGENT", "X-Forwarded-For": "203.0.113.7"})
    with read(box.engine) as conn:
        (row,) = conn.execute(select(tables.ballot_key)).all()
        (entry,) = conn.execute(select(tables.log.waiting)).all()
    key = decode_ballot(ballot).ballot_key
    assert tuple(row) == (poll.poll_id, key, 0, leaf_hash(ballot))
    assert tuple(entry)[1:] == (leaf_hash(ballot), ballot, None)
    files = everything_kept(box.folder)
    assert b"SECRET-AGENT" not in files
    assert b"203.0.113.7" not in files


@pytest.mark.faults
def test_a_crash_before_the_commit_leaves_nothing_and_may_be_repeated(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = box.ballot(poll)
    with monkeypatch.context() as patch:
        patch.setattr("ballot_box.casting.append_all", lambda *_: (_ for _ in ()).throw(OSError))
        assert refusal(box.cast(poll, ballot)) == (500, "internal-error")
    assert box.waiting(poll) == 0
    assert box.cast(poll, ballot).status_code == 200


@pytest.mark.faults
def test_a_crash_after_the_commit_loses_the_reply_alone(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = box.ballot(poll)
    with monkeypatch.context() as patch:
        patch.setattr("ballot_box.casting.sign_receipt", lambda *_: (_ for _ in ()).throw(OSError))
        assert refusal(box.cast(poll, ballot)) == (500, "internal-error")
    assert box.waiting(poll) == 1
    assert box.cast(poll, ballot).status_code == 200
    assert box.waiting(poll) == 1


@pytest.mark.faults
def test_a_database_that_does_not_answer_is_an_unavailable_service(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    http = box.new_http()
    take_away(box.folder / "box.sqlite")
    answer = box.cast(poll, ballot, http)
    assert refusal(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.attack("A51")
def test_neither_ballots_nor_answers_to_them_tell_a_vote_by_their_length(box: Box, poll: Poll) -> None:
    ballots = [box.ballot(poll, answers) for answers in ANSWERS]
    refused = [len(box.cast(poll, ballot[:-1] + b"\0").data) for ballot in ballots]
    accepted = [len(box.cast(poll, ballot).data) for ballot in ballots]
    for sizes in (refused, accepted, [len(ballot) for ballot in ballots]):
        assert len(set(sizes)) == 1
