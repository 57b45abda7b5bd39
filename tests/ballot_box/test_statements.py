"""Cancellations and decisions at the ballot box: signed by the issuers, final, and seen by everybody."""

from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ballot_box import store
from shared import labels
from shared.db import read
from shared.manifest import Poll
from shared.statements import (
    Kind,
    Statement,
    StatementInvalid,
    parse_statement,
    read_cancellation,
    verify_statement,
)
from tests.ballot_box.box import ISSUER_SEED, STRANGER_SEED, Box, refusal

TEXT = {"ru": "Постановление отменено судом.", "en": "The court annulled the order."}


def said(kind: Kind, poll: Poll, text: dict[str, str] | None = None, key: bytes = ISSUER_SEED) -> Statement:
    return Statement(kind, poll.poll_id, text or TEXT).signed(key, 0)


def send(box: Box, poll: Poll, statement: Statement, **changes: Any) -> TestResponse:
    given = {"data": statement.encoded, "content_type": "application/json"} | changes
    return box.http.put(f"/polls/{poll.poll_id.hex()}/{statement.kind}", **given)


def test_a_cancelled_poll_takes_no_ballot_keeps_those_it_took_and_has_no_result(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    assert box.cast(poll, ballot).status_code == 200
    cancellation = said("cancellation", poll)
    assert [send(box, poll, cancellation).status_code for _ in range(2)] == [201, 200]
    assert refusal(box.cast(poll, box.ballot(poll))) == (403, "poll-closed")
    assert box.cast(poll, ballot).status_code == 200
    leaves = box.leaves(poll)
    assert leaves[1:-1] == [ballot]
    assert read_cancellation(leaves[-1], poll) == cancellation
    box.close(poll)
    assert box.leaves(poll) == leaves
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 404
    assert box.get(f"/polls/{poll.poll_id.hex()}/cancellation.json") == cancellation.encoded


@pytest.mark.faults
def test_a_poll_cancelled_while_the_worker_is_at_its_pass_gets_no_result(box: Box, poll: Poll) -> None:
    """In its last moment: the worker took it for one that closes."""
    box.worker.step()
    with read(box.engine) as conn:
        (seen,) = store.unfinished_polls(conn)
    assert send(box, poll, said("cancellation", poll)).status_code == 201
    box.watch.now = poll.manifest.closes_at
    box.worker._guarded(seen.log_id, partial(box.worker._tend, seen))
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 404
    assert len(box.log_entries("/log/catalogue", box.trust.ballot_box.catalogue)) == 2


def test_a_decision_stands_beside_the_result(box: Box, poll: Poll) -> None:
    decision = said("decision", poll)
    assert refusal(send(box, poll, decision)) == (403, "poll-not-open")
    box.close(poll)
    assert send(box, poll, decision).status_code == 201
    assert box.get(f"/polls/{poll.poll_id.hex()}/decision.json") == decision.encoded


def test_what_was_said_is_final(box: Box, poll: Poll) -> None:
    box.close(poll)
    send(box, poll, said("decision", poll))
    other = said("decision", poll, {"ru": "Другое", "en": "Other"})
    assert refusal(send(box, poll, other)) == (422, "manifest-refused")


def test_a_closed_poll_cannot_be_cancelled(box: Box, poll: Poll) -> None:
    box.close(poll)
    assert refusal(send(box, poll, said("cancellation", poll))) == (403, "poll-closed")
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/cancellation.json").status_code == 404
    assert box.leaves(poll)[-1].startswith(labels.CLOSING)


def test_a_poll_cannot_be_cancelled_from_its_closing_moment_on(box: Box, poll: Poll) -> None:
    """Whether the worker has closed its log or not."""
    box.watch.now = poll.manifest.closes_at
    assert refusal(send(box, poll, said("cancellation", poll))) == (403, "poll-closed")


@pytest.mark.attack("A46")
def test_a_statement_that_does_not_verify_is_refused(box: Box, poll: Poll) -> None:
    for wrong in (
        said("cancellation", poll, key=STRANGER_SEED),
        Statement("cancellation", poll.poll_id, TEXT),
        said("cancellation", poll, {"ru": "Без перевода"}),
        Statement("cancellation", poll.poll_id, TEXT, said("decision", poll).signatures),
    ):
        assert refusal(send(box, poll, wrong)) == (422, "manifest-refused")
    assert box.cast(poll, box.ballot(poll)).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"signatures":[],"statement":{}}', b"\xff", b'"x"'])
def test_what_is_no_statement_is_malformed(box: Box, poll: Poll, body: bytes) -> None:
    answer = send(box, poll, said("decision", poll), data=body)
    assert refusal(answer) == (400, "malformed-request")
    with pytest.raises(StatementInvalid):
        parse_statement("decision", body)


def test_a_statement_of_another_poll_is_refused(box: Box, poll: Poll) -> None:
    other = box.publish("cd" * 32, contact="Другой")
    assert refusal(send(box, poll, said("decision", other))) == (400, "malformed-request")
    with pytest.raises(StatementInvalid):
        verify_statement(poll, said("decision", other))
