"""Issuance: one person, one token per poll; the same request, the same answer."""

import os
import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select

from crypto.keys import load_token_key
from crypto.merkle import leaf_hash
from issuer import store, tables
from issuer.issuance import IssuedToken, TokenDesk
from issuer.issuance_log import IssuanceLog
from issuer.keys import TokenKeyDestroyed, VoterPseudonym
from shared.db import read, write
from shared.encoding import from_b64u
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import Poll
from shared.refusals import BlindedMessageInvalid, PollClosed, PollNotOpen, PollUnknown, TokenAlreadyIssued
from shared.statements import Statement
from tests.issuer.office import Office, blinded_message
from tests.watch import NOON

pytestmark = pytest.mark.both_databases

PERSON = VoterPseudonym(b"\x01" * 32)


def ask(desk: TokenDesk, poll: Poll, message: bytes, person: VoterPseudonym = PERSON) -> IssuedToken:
    return desk.issue(poll.poll_id, person, message, nonce=secrets.token_bytes(32))


def issued(office: Office, poll: Poll) -> int:
    with read(office.engine) as conn:
        return store.count_issuances(conn, poll.poll_id)


def waiting(office: Office) -> int:
    with read(office.engine) as conn:
        return conn.execute(select(func.count()).select_from(tables.log.waiting)).scalar_one()


def test_a_blinded_message_is_signed(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    key = load_token_key(from_b64u(poll.manifest.issuers[0].token_key))
    signature = int.from_bytes(ask(office.desk, poll, message).blind_signature, "big")
    assert pow(signature, key.e, key.n) == int.from_bytes(message, "big")


def test_the_promise_binds_the_issuer_to_the_leaf(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    answer = ask(office.desk, poll, message)
    leaf = issuance_leaf(poll.poll_id, PERSON, answer.nonce, message)
    verify_promise(office.keys.statement_key(), poll.poll_id, leaf, answer.promise)
    with read(office.engine) as conn:
        assert conn.exec_driver_sql("SELECT leaf_hash FROM log_waiting").scalars().all() == [leaf_hash(leaf)]


@pytest.mark.attack("A6")
def test_the_same_request_gets_the_same_answer(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    assert ask(office.desk, poll, message) == ask(office.new_desk(), poll, message)
    assert (issued(office, poll), waiting(office)) == (1, 1)


def test_another_message_of_the_same_person_is_refused(office: Office) -> None:
    poll = office.publish()
    ask(office.desk, poll, blinded_message(poll))
    with pytest.raises(TokenAlreadyIssued):
        ask(office.desk, poll, blinded_message(poll))
    assert (issued(office, poll), waiting(office)) == (1, 1)


def test_two_people_get_two_tokens(office: Office) -> None:
    poll = office.publish()
    ask(office.desk, poll, blinded_message(poll))
    ask(office.desk, poll, blinded_message(poll), VoterPseudonym(b"\x02" * 32))
    assert issued(office, poll) == 2


def test_before_the_window_nothing_is_given(office: Office) -> None:
    poll = office.publish()
    office.watch.now = poll.manifest.issuance_opens_at - timedelta(seconds=1)
    with pytest.raises(PollNotOpen):
        ask(office.desk, poll, blinded_message(poll))
    assert issued(office, poll) == 0


def test_the_window_includes_its_start_and_excludes_its_end(office: Office) -> None:
    poll = office.publish()
    office.watch.now = poll.manifest.closes_at
    with pytest.raises(PollClosed):
        ask(office.desk, poll, blinded_message(poll))
    office.watch.now = poll.manifest.issuance_opens_at
    ask(office.desk, poll, blinded_message(poll))
    assert issued(office, poll) == 1


@pytest.mark.attack("A6")
def test_after_closing_the_stored_answer_is_given_again(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    answer = ask(office.desk, poll, message)
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    assert ask(office.new_desk(), poll, message) == answer
    with pytest.raises(TokenAlreadyIssued):
        ask(office.desk, poll, blinded_message(poll))


@pytest.mark.attack("A37")
def test_a_clock_set_back_does_not_reopen_a_closed_poll(office: Office) -> None:
    poll = office.publish()
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    office.watch.now = NOON
    with pytest.raises(PollClosed):
        ask(office.desk, poll, blinded_message(poll))
    assert issued(office, poll) == 0


def test_a_cancelled_poll_gives_no_token_to_who_was_granted_one(office: Office) -> None:
    poll = office.publish()
    with write(office.engine) as conn:
        store.keep_statement(conn, Statement("cancellation", poll.poll_id, {"ru": "Отменено."}))
    with pytest.raises(PollClosed):
        ask(office.desk, poll, blinded_message(poll))
    assert issued(office, poll) == 0


@pytest.mark.attack("A37")
def test_a_closed_log_takes_no_issuance_though_the_key_is_there(office: Office) -> None:
    poll = office.publish()
    IssuanceLog(office.engine, office.keys, office.settings.url).close(poll)
    with pytest.raises(PollClosed):
        ask(office.desk, poll, blinded_message(poll))
    assert (issued(office, poll), waiting(office)) == (0, 0)


def test_who_asks_a_moment_before_the_opening_is_told_so(office: Office) -> None:
    poll = office.publish()
    opens_at = poll.manifest.issuance_opens_at
    moments = iter([opens_at - timedelta(milliseconds=1), opens_at])
    desk = TokenDesk(office.engine, office.keys, lambda: next(moments), office.settings.url)
    with pytest.raises(PollNotOpen):
        ask(desk, poll, blinded_message(poll))


@pytest.mark.attack("A37")
def test_who_waits_for_the_database_until_the_poll_is_closed_gets_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = office.publish()

    @contextmanager
    def after_a_while(engine: Engine) -> Iterator[Connection]:
        office.watch.now = poll.manifest.closes_at
        with write(engine) as conn:
            yield conn

    monkeypatch.setattr("issuer.issuance.write", after_a_while)
    with pytest.raises(PollClosed):
        ask(office.desk, poll, blinded_message(poll))
    assert issued(office, poll) == 0


@pytest.mark.parametrize("defect", ["empty", "short", "long", "modulus", "above"])
def test_a_damaged_blinded_message_is_refused_and_writes_nothing(office: Office, defect: str) -> None:
    poll = office.publish()
    n = load_token_key(from_b64u(poll.manifest.issuers[0].token_key)).n
    message = {
        "empty": b"",
        "short": bytes(255),
        "long": bytes(257),
        "modulus": n.to_bytes(256, "big"),
        "above": b"\xff" * 256,
    }[defect]
    with pytest.raises(BlindedMessageInvalid):
        ask(office.desk, poll, message)
    assert (issued(office, poll), waiting(office)) == (0, 0)


def test_an_unknown_poll_is_refused(office: Office) -> None:
    poll = office.publish()
    with pytest.raises(PollUnknown):
        office.desk.issue(bytes(32), PERSON, blinded_message(poll), nonce=bytes(32))


@pytest.mark.attack("A39")
def test_many_requests_of_one_person_at_once_get_one_signature(office: Office) -> None:
    poll = office.publish()
    messages = [blinded_message(poll) for _ in range(40)]
    desks = [office.desk, office.new_desk()]

    def attempt(number: int) -> bool:
        try:
            ask(desks[number % 2], poll, messages[number])
        except TokenAlreadyIssued:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 1
    assert (issued(office, poll), waiting(office)) == (1, 1)


def crash_between_commits(office: Office, poll: Poll, message: bytes) -> None:
    """Another process takes the request and is killed as it reaches for the token key."""
    office.engine.dispose()
    child = os.fork()
    if child == 0:
        desk = office.new_desk()
        desk._signed = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment,method-assign]
        ask(desk, poll, message)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


@pytest.mark.faults
def test_a_crash_between_the_commits_is_repaired_by_repeating(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    crash_between_commits(office, poll, message)
    assert issued(office, poll) == 1
    with pytest.raises(TokenAlreadyIssued):
        ask(office.desk, poll, blinded_message(poll))
    answer = ask(office.desk, poll, message)
    assert answer == ask(office.desk, poll, message)
    assert (issued(office, poll), waiting(office)) == (1, 1)


@pytest.mark.faults
def test_closing_signs_what_a_crash_left_unsigned(office: Office) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    crash_between_commits(office, poll, message)
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    assert not office.keys.has_token_key(poll.poll_id)
    assert len(ask(office.desk, poll, message).blind_signature) == 256


@pytest.mark.faults
def test_a_request_overtaken_by_closing_gets_the_signature_that_closing_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, desk = office.publish(), office.desk
    message, token_key = blinded_message(poll), desk.keys.token_key

    def overtaken(poll_id: bytes) -> bytes:
        monkeypatch.setattr(desk.keys, "token_key", token_key)
        office.watch.now = poll.manifest.closes_at
        office.worker.step()
        return token_key(poll_id)

    monkeypatch.setattr(desk.keys, "token_key", overtaken)
    answer = ask(desk, poll, message)
    assert not office.keys.has_token_key(poll.poll_id)
    assert answer == ask(office.new_desk(), poll, message)


def test_the_token_key_leaves_the_memory_when_the_poll_closes(office: Office) -> None:
    poll = office.publish()
    ask(office.desk, poll, blinded_message(poll))
    assert list(office.desk._loaded) == [poll.poll_id]
    office.watch.now = poll.manifest.closes_at
    office.desk.forget_closed()
    assert not office.desk._loaded


def test_a_destroyed_token_key_is_gone_and_says_so(office: Office) -> None:
    poll = office.publish()
    office.keys.destroy_token_key(poll.poll_id)
    office.keys.destroy_token_key(poll.poll_id)
    with pytest.raises(TokenKeyDestroyed):
        office.keys.token_key(poll.poll_id)
