"""Ballots that come together are one transaction, each has its own outcome; the door answers as Flask."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ballot_box.casting import BallotDesk, Receipt
from ballot_box.door import door
from ballot_box.routes.casting import DESK
from crypto import ballot_signature
from shared.manifest import Poll
from shared.refusals import Unavailable
from tests.ballot_box.box import Box
from tests.loops import run
from tests.simulator import ANSWERS, Election

pytestmark = pytest.mark.faults

OCTETS = "application/octet-stream"


@contextmanager
def commits(box: Box) -> Iterator[list[int]]:
    """The transactions of the application that write, while the block runs."""
    engine, seen = desk_of(box).box.engine, [0]

    def count(conn: Any) -> None:
        seen[0] += bool(conn.get_execution_options().get("writes"))

    event.listen(engine, "commit", count)
    yield seen
    event.remove(engine, "commit", count)


def desk_of(box: Box) -> BallotDesk:
    """The desk of the application that `box.http` asks."""
    desk: BallotDesk = box.http.application.extensions[DESK]
    return desk


def at_the_door(box: Box, requests: Sequence[dict[str, Any]]) -> list[httpx.Response]:
    """The answers to requests that come at once: method, path, and what httpx takes."""

    async def ask_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(door(box.http.application))
        async with httpx.AsyncClient(transport=transport, base_url=box.url) as http:
            return await asyncio.gather(*(http.request(**request) for request in requests))

    return run(ask_all())


def cast_of(poll: Poll, ballot: bytes, **headers: str) -> dict[str, Any]:
    """A request to cast."""
    return {
        "method": "POST",
        "url": f"/polls/{poll.poll_id.hex()}/ballots",
        "content": ballot,
        "headers": {"Content-Type": OCTETS} | headers,
    }


def test_twenty_ballots_at_once_take_two_transactions_and_all_are_in_the_log(box: Box, poll: Poll) -> None:
    ballots = [box.ballot(poll, ANSWERS[n % 4]) for n in range(20)]
    with commits(box) as seen:
        answers = at_the_door(box, [cast_of(poll, ballot) for ballot in ballots])
    assert {answer.status_code for answer in answers} == {200}
    assert seen[0] <= 2
    box.close(poll)
    assert sorted(box.leaves(poll)[1:-1]) == sorted(ballots)


def test_in_one_group_each_ballot_has_its_own_outcome(box: Box, poll: Poll) -> None:
    other, key = box.publish("cd" * 32), ballot_signature.generate()
    token = (Election(poll).token(ballot_signature.public_bytes(key)),)
    first, second = (box.ballot(poll, ANSWERS[n], key=key, tokens=token) for n in range(2))
    late = box.publish("ef" * 32, opens_at=poll.manifest.closes_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       closes_at=poll.manifest.include_by.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       include_by="2027-01-01T00:00:00Z")  # fmt: skip
    casts = [
        (poll, box.ballot(poll)),
        (poll, first),
        (poll, second),
        (poll, b"no ballot"),
        (poll, first),
        (other, box.ballot(other)),
        (late, box.ballot(late)),
    ]
    with commits(box) as seen:
        outcomes = desk_of(box).cast_all([(one.poll_id, ballot) for one, ballot in casts])
    slugs = ["" if isinstance(outcome, Receipt) else outcome.slug for outcome in outcomes]
    assert slugs == ["", "", "ballot-already-cast", "ballot-malformed", "", "", "poll-not-open"]
    assert outcomes[1] == outcomes[4]
    assert seen == [1]
    assert (box.waiting(poll), box.waiting(other), box.waiting(late)) == (2, 1, 0)


def test_a_commit_that_fails_answers_nobody_as_accepted_and_all_may_repeat(box: Box, poll: Poll) -> None:
    ballots = [box.ballot(poll) for _ in range(8)]
    requests, engine = [cast_of(poll, ballot) for ballot in ballots], desk_of(box).box.engine

    def fail(conn: Any) -> None:
        if conn.get_execution_options().get("writes"):
            raise OperationalError("COMMIT", {}, OSError("disk"))

    event.listen(engine, "commit", fail)
    answers = at_the_door(box, requests)
    event.remove(engine, "commit", fail)
    assert {answer.status_code for answer in answers} == {503}
    assert box.waiting(poll) == 0
    assert {answer.status_code for answer in at_the_door(box, requests)} == {200}
    assert box.waiting(poll) == 8


def test_too_many_at_once_are_refused_at_once_with_the_time_to_come_back(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    answers = at_the_door(box, [cast_of(poll, ballot)] * 300)
    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) < 300
    assert {answer.status_code for answer in answers} == {200, 503}
    assert {answer.json()["type"] for answer in refused} == {f"urn:veche:problem:{Unavailable.slug}"}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert box.waiting(poll) == 1


def test_the_door_answers_every_request_with_the_very_bytes_of_flask(box: Box, poll: Poll) -> None:
    ballot, unknown = box.ballot(poll), "ab" * 32
    path = f"/polls/{poll.poll_id.hex()}/ballots"
    other = {"url": f"/polls/{unknown}/ballots"}
    requests: list[dict[str, Any]] = [
        cast_of(poll, ballot),
        cast_of(poll, ballot, **{"Accept-Language": "en"}),
        cast_of(poll, ballot[:-1]),
        cast_of(poll, ballot[:-1], **{"Accept-Language": "en-GB,en;q=0.9,ru;q=0.8"}),
        cast_of(poll, ballot[:-1] + bytes([ballot[-1] ^ 1])),
        cast_of(poll, ballot) | other,
        cast_of(poll, ballot) | {"url": "/polls/ab/ballots"},
        cast_of(poll, ballot) | {"headers": {"Content-Type": "application/json"}},
        cast_of(poll, ballot) | {"headers": {"Content-Type": f"{OCTETS}; a=b"}},
        cast_of(poll, ballot) | {"headers": {}},
        cast_of(poll, b""),
        cast_of(poll, bytes(16_385)),
        {"method": "OPTIONS", "url": path},
        {"method": "GET", "url": path},
        {"method": "HEAD", "url": "/trust.json"},
        {"method": "GET", "url": "/polls", "params": {"a": "é"}},
    ]
    for request, answer in zip(requests, at_the_door(box, requests), strict=True):
        expected = box.http.open(
            request["url"],
            method=request["method"],
            data=request.get("content"),
            headers=request.get("headers"),
            query_string=request.get("params"),
        )
        assert (answer.status_code, answer.content) == (expected.status_code, expected.data), request
        lengthless = sorted((name.lower(), value) for name, value in expected.headers)
        assert sorted(answer.headers.multi_items()) == lengthless


def test_a_ballot_in_chunks_is_taken_as_well(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)

    async def chunks() -> Any:
        yield ballot[:100]
        yield ballot[100:]

    (answer,) = at_the_door(box, [cast_of(poll, ballot) | {"content": chunks()}])
    assert answer.status_code == 200
    assert box.waiting(poll) == 1


def test_a_client_that_leaves_in_the_middle_of_its_ballot_leaves_nothing(box: Box, poll: Poll) -> None:
    sent: list[Any] = []
    messages = iter(
        [
            {"type": "http.request", "body": b"begin", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/polls/{poll.poll_id.hex()}/ballots",
        "headers": [(b"content-type", OCTETS.encode()), (b"content-length", b"700")],
    }
    run(_ask_once(box, scope, receive, send))
    assert sent == []
    assert box.waiting(poll) == 0


async def _ask_once(box: Box, scope: Any, receive: Any, send: Any) -> None:
    await door(box.http.application)(scope, receive, send)
