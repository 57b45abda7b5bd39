"""Casting: one ballot per key, verified at the door, promised after the commit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from ballot_box import store, tables
from crypto import ballot_signature
from crypto.ballot_signature import ORDER
from crypto.merkle import leaf_hash
from shared.ballot import (
    MAX_BALLOT_SIZE,
    Ballot,
    decode_ballot,
    encode_ballot,
    signature_message,
    signed_part,
)
from shared.db import read, write
from shared.encoding import from_b64u
from shared.log.sequencer import waiting
from shared.manifest import Poll
from shared.poll_keys import PollKeys
from shared.receipt import verify_receipt
from tests.ballot_box.box import CLIENT_URL, NOON, Box, refusal
from tests.simulator import ANSWERS, Election

type_error = {"content_type": "application/json"}


def stored(box: Box, poll: Poll) -> int:
    """How many ballots wait; the same number of keys is bound."""
    with read(box.engine) as conn:
        count = waiting(conn, tables.log, poll.manifest.ballot_box.log_url.rpartition("/")[2])
        assert conn.scalar(select(func.count()).select_from(tables.ballot_key)) == count
    return count


def test_a_ballot_gets_a_receipt_that_verifies(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    answer = box.cast(poll, ballot)
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {"leaf_hash", "poll_id", "receipt"}
    assert (body["leaf_hash"], body["poll_id"]) == (leaf_hash(ballot).hex(), poll.poll_id.hex())
    verify_receipt(box.state.statement_key(), poll.poll_id, leaf_hash(ballot), from_b64u(body["receipt"]))
    assert stored(box, poll) == 1


def test_the_bytes_in_the_log_are_those_that_came(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot)
    box.close(poll)
    assert box.leaves(poll)[1] == ballot


def test_a_lost_reply_is_repaired_by_sending_the_same_bytes(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    first, second = box.cast(poll, ballot), box.cast(poll, ballot)
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert stored(box, poll) == 1


def test_the_same_bytes_get_the_same_receipt_after_sequencing_and_after_closing(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    first = box.cast(poll, ballot)
    box.close(poll)
    box.watch.now += timedelta(days=30)
    second = box.cast(poll, ballot)
    assert (second.status_code, second.data) == (200, first.data)


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
    assert stored(box, poll) == 1


def test_the_window_includes_its_start_and_excludes_its_end(box: Box, poll: Poll) -> None:
    second = timedelta(seconds=1)
    for moment, expected in (
        (poll.manifest.opens_at - second, (403, "poll-not-open")),
        (poll.manifest.closes_at, (403, "poll-closed")),
        (poll.manifest.closes_at + second, (403, "poll-closed")),
    ):
        box.watch.now = moment
        assert refusal(box.cast(poll, box.ballot(poll))) == expected
    assert stored(box, poll) == 0
    for moment in (poll.manifest.opens_at, poll.manifest.closes_at - second):
        box.watch.now = moment
        assert box.cast(poll, box.ballot(poll)).status_code == 200
    assert stored(box, poll) == 2


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


@pytest.mark.parametrize("poll_id", ["ab" * 32, "ab", "AB" * 32, "жж"])
def test_a_poll_that_is_not_there_is_refused(box: Box, poll: Poll, poll_id: str) -> None:
    answer = box.http.post(
        f"/polls/{poll_id}/ballots", data=box.ballot(poll), content_type="application/octet-stream"
    )
    assert refusal(answer) == (404, "poll-unknown")


def test_a_ballot_for_one_poll_sent_to_another_is_refused(box: Box, poll: Poll) -> None:
    other = box.publish("cd" * 32)
    assert refusal(box.cast(other, box.ballot(poll))) == (422, "ballot-malformed")


def _revised(box: Box, poll: Poll) -> bytes:
    key = ballot_signature.generate()
    ballot = decode_ballot(box.ballot(poll, key=key))
    part = signed_part(ballot.poll_id, ballot.ballot_key, 1, ballot.tokens, ballot.answers)
    return part + ballot_signature.sign(key, signature_message(part))


MALFORMED: dict[str, Callable[[Box, Poll], bytes]] = {
    "nothing": lambda box, poll: b"",
    "one byte short": lambda box, poll: box.ballot(poll)[:-1],
    "one byte long": lambda box, poll: box.ballot(poll) + b"\0",
    "twice": lambda box, poll: box.ballot(poll) * 2,
    "another label": lambda box, poll: box.ballot(poll).replace(b"/v1\n", b"/v2\n", 1),
    "another revision": _revised,
    "longer answers": lambda box, poll: box.ballot(poll, raw_answers=b" " * 128),
    "shorter answers": lambda box, poll: box.ballot(poll, raw_answers=b"{}"),
    "text": lambda box, poll: b"my vote is yes",
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_a_malformed_ballot_is_refused(box: Box, poll: Poll, defect: str) -> None:
    assert refusal(box.cast(poll, MALFORMED[defect](box, poll))) == (422, "ballot-malformed")
    assert stored(box, poll) == 0


def _sibling(box: Box, poll: Poll) -> bytes:
    key = ballot_signature.generate()
    token = Election(box.publish("cd" * 32)).token(ballot_signature.public_bytes(key))
    return box.ballot(poll, key=key, tokens=(token,))


def _stolen(box: Box, poll: Poll) -> bytes:
    return box.ballot(poll, tokens=decode_ballot(box.ballot(poll)).tokens)


def _of_another_key(box: Box, poll: Poll) -> bytes:
    key = ballot_signature.generate()
    token = Election(poll).token(ballot_signature.public_bytes(key), key=1)
    return box.ballot(poll, key=key, tokens=(token,))


def _with_tokens(change: Callable[[Poll, Ballot], tuple[object, ...]]) -> Callable[[Box, Poll], bytes]:
    def make(box: Box, poll: Poll) -> bytes:
        key = ballot_signature.generate()
        ballot = decode_ballot(box.ballot(poll, key=key))
        return box.ballot(poll, key=key, tokens=change(poll, ballot))

    return make


def _plus_modulus(poll: Poll, ballot: Ballot) -> tuple[object, ...]:
    (token,) = ballot.tokens
    number = int.from_bytes(token.signature, "big") + PollKeys.of(poll).token_keys[0].n
    return (replace(token, signature=number.to_bytes(257, "big")),)


TOKENS: dict[str, Callable[[Box, Poll], bytes]] = {
    "of a sibling poll": _sibling,
    "of another ballot key": _stolen,
    "of another token key": _of_another_key,
    "twice": _with_tokens(lambda poll, ballot: ballot.tokens * 2),
    "of an unknown issuer": _with_tokens(lambda poll, ballot: (replace(ballot.tokens[0], issuer=1),)),
    "another prefix": _with_tokens(lambda poll, ballot: (replace(ballot.tokens[0], prefix=bytes(32)),)),
    "zero": _with_tokens(lambda poll, ballot: (replace(ballot.tokens[0], signature=bytes(256)),)),
    "s + n": _with_tokens(_plus_modulus),
    "longer": _with_tokens(
        lambda poll, ballot: (replace(ballot.tokens[0], signature=b"\0" + ballot.tokens[0].signature),)
    ),
}


@pytest.mark.parametrize("defect", TOKENS)
def test_a_ballot_with_a_wrong_token_is_refused(box: Box, poll: Poll, defect: str) -> None:
    assert refusal(box.cast(poll, TOKENS[defect](box, poll))) == (422, "token-invalid")
    assert stored(box, poll) == 0


def _high_s(box: Box, poll: Poll) -> bytes:
    ballot = decode_ballot(box.ballot(poll))
    s = ORDER - int.from_bytes(ballot.signature[32:], "big")
    return encode_ballot(replace(ballot, signature=ballot.signature[:32] + s.to_bytes(32, "big")))


def _signed_by_another(box: Box, poll: Poll) -> bytes:
    return box.ballot(poll)[:-64] + box.ballot(poll)[-64:]


def _changed_after_signing(box: Box, poll: Poll) -> bytes:
    return box.ballot(poll).replace(b"river", b"school"[:5], 1)


def _off_the_curve(box: Box, poll: Poll) -> bytes:
    point = b"\x04" + bytes(64)
    part = signed_part(poll.poll_id, point, 0, (Election(poll).token(point),), b" " * 64)
    return part + bytes(64)


SIGNATURES = [_high_s, _signed_by_another, _changed_after_signing, _off_the_curve]


@pytest.mark.parametrize("make", SIGNATURES)
def test_a_ballot_with_a_wrong_signature_is_refused(
    box: Box, poll: Poll, make: Callable[[Box, Poll], bytes]
) -> None:
    assert refusal(box.cast(poll, make(box, poll))) == (422, "ballot-signature-invalid")
    assert stored(box, poll) == 0


@pytest.mark.parametrize(
    "answers",
    [
        b"",
        b"{}",
        b"river",
        b'{"place":["river"]}',
        b'{"place":[],"trees":[]}',
        b'{"place":["hill"],"trees":[]}',
        b'{"place":["river","school"],"trees":[]}',
        b'{"place":["river"],"trees":["pine","pine"]}',
        b'{"place":["river"],"trees":["birch","pine"]}',
        b'{"place":["river"],"trees":"pine"}',
        b'{"place":["river"],"trees":[] }',
        b'{"place":["river"],"trees":[]}\0',
        b'{"more":[],"place":["river"],"trees":[]}',
        b"\xff" * 64,
    ],
)
def test_answers_that_break_the_rules_are_refused(box: Box, poll: Poll, answers: bytes) -> None:
    ballot = box.ballot(poll, raw_answers=answers.ljust(64))
    assert refusal(box.cast(poll, ballot)) == (422, "answers-invalid")
    assert stored(box, poll) == 0


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "multipart/form-data"])
def test_a_body_of_another_media_type_is_refused(box: Box, poll: Poll, media_type: str) -> None:
    answer = box.cast(poll, box.ballot(poll), content_type=media_type)
    assert refusal(answer) == (415, "media-type-unsupported")
    assert stored(box, poll) == 0


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


def test_a_row_of_a_ballot_tells_neither_time_nor_order_nor_sender(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot, headers={"User-Agent": "SECRET-AGENT", "X-Forwarded-For": "203.0.113.7"})
    with read(box.engine) as conn:
        query = text("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        without_rowid = {name for name, wr in conn.execute(query).all() if wr}
        (row,) = conn.execute(select(tables.ballot_key)).all()
        (entry,) = conn.execute(select(tables.log.entry).where(tables.log.entry.c.idx.is_(None))).all()
    assert without_rowid >= set(tables.metadata.tables)
    key = decode_ballot(ballot).ballot_key
    assert tuple(row) == (poll.poll_id, key, 0, leaf_hash(ballot))
    assert tuple(entry)[1:] == (leaf_hash(ballot), ballot, None)
    files = b"".join(path.read_bytes() for path in box.folder.rglob("*") if path.is_file())
    assert b"SECRET-AGENT" not in files
    assert b"203.0.113.7" not in files


@pytest.mark.faults
def test_a_crash_before_the_commit_leaves_nothing_and_may_be_repeated(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = box.ballot(poll)
    with monkeypatch.context() as patch:
        patch.setattr("ballot_box.casting.append", lambda *_: (_ for _ in ()).throw(OSError))
        assert refusal(box.cast(poll, ballot)) == (500, "internal-error")
    assert stored(box, poll) == 0
    assert box.cast(poll, ballot).status_code == 200


@pytest.mark.faults
def test_a_crash_after_the_commit_loses_the_reply_alone(
    box: Box, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = box.ballot(poll)
    with monkeypatch.context() as patch:
        patch.setattr("ballot_box.casting.sign_receipt", lambda *_: (_ for _ in ()).throw(OSError))
        assert refusal(box.cast(poll, ballot)) == (500, "internal-error")
    assert stored(box, poll) == 1
    assert box.cast(poll, ballot).status_code == 200
    assert stored(box, poll) == 1


@pytest.mark.faults
def test_a_database_that_does_not_answer_is_an_unavailable_service(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    with box.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA query_only = ON")
    http = box.new_http()
    (box.folder / "box.sqlite").rename(box.folder / "gone")
    (box.folder / "box.sqlite").mkdir()
    answer = box.cast(poll, ballot, http)
    assert refusal(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert store.find_poll.__doc__
