"""Requests for tokens that come together share transactions; the door answers as Flask does."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from issuer.app import create_app
from issuer.door import door
from issuer.issuance import IssuedToken, TokenRequest
from issuer.keys import VoterPseudonym
from shared.encoding import b64u
from shared.manifest import Poll
from tests.issuer.office import Office, blinded_message
from tests.loops import run

PEOPLE = [VoterPseudonym(bytes([number]) * 32) for number in range(20)]


def request_of(poll: Poll, token: str, message: bytes, **headers: str) -> dict[str, Any]:
    return {
        "method": "POST",
        "url": f"/polls/{poll.poll_id.hex()}/token",
        "content": f'{{"blinded_message":"{b64u(message)}"}}'.encode(),
        "headers": {"Content-Type": "application/json", "Authorization": f"Bearer {token}"} | headers,
    }


def test_in_one_group_each_request_has_its_own_outcome(office: Office) -> None:
    poll, other = office.publish(), bytes(32)
    messages = [blinded_message(poll) for _ in range(3)]
    asked = [
        (poll.poll_id, PEOPLE[0], messages[0]),
        (poll.poll_id, PEOPLE[1], messages[1]),
        (poll.poll_id, PEOPLE[1], messages[2]),
        (other, PEOPLE[2], messages[0]),
        (poll.poll_id, PEOPLE[3], b"short"),
        (poll.poll_id, PEOPLE[0], messages[0]),
    ]
    outcomes = office.desk.issue_all(
        [TokenRequest(*one, nonce=bytes([at]) * 32) for at, one in enumerate(asked)]
    )
    slugs = ["" if isinstance(outcome, IssuedToken) else outcome.slug for outcome in outcomes]
    assert slugs == ["", "", "token-already-issued", "poll-unknown", "blinded-message-invalid", ""]
    assert outcomes[0] == outcomes[5] == office.desk.issue(*asked[0], nonce=b"9" * 32)


@pytest.fixture
def open_office(office: Office) -> Office:
    office.prepare_sign_in()
    return office


def test_the_door_answers_every_request_with_the_very_bytes_of_flask(open_office: Office) -> None:
    poll = open_office.publish()
    tokens = [open_office.grant({poll.poll_id: person}) for person in PEOPLE[:3]]
    elsewhere, message = open_office.grant({bytes(32): PEOPLE[4]}), blinded_message(poll)
    plain = request_of(poll, tokens[0], message)
    requests = [
        plain,
        request_of(poll, tokens[0], blinded_message(poll)),
        request_of(poll, tokens[0], blinded_message(poll), **{"Accept-Language": "en"}),
        request_of(poll, "unknown", message),
        request_of(poll, tokens[1], message, Authorization="Basic abc"),
        request_of(poll, elsewhere, message),
        request_of(poll, tokens[1], b"short"),
        plain | {"url": f"/polls/{'ab' * 32}/token"},
        plain | {"content": b"{}"},
        plain | {"content": b'{"blinded_message":"==="}'},
        plain | {"headers": {"Content-Type": "text/plain"}},
        plain | {"content": b"x" * 20_000},
        {"method": "OPTIONS", "url": plain["url"]},
        {"method": "GET", "url": plain["url"]},
    ]
    app = create_app(open_office.settings, open_office.watch)
    http = app.test_client()
    for request, answer in zip(requests, at_the_door(app, requests), strict=True):
        expected = http.open(
            request["url"],
            method=request["method"],
            data=request.get("content"),
            headers=request.get("headers"),
        )
        assert (answer.status_code, answer.content) == (expected.status_code, expected.data), request["url"]
        headers = sorted((name.lower(), value) for name, value in expected.headers)
        assert sorted(answer.headers.multi_items()) == headers


def at_the_door(app: Any, requests: Sequence[dict[str, Any]]) -> list[httpx.Response]:
    async def ask_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(door(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.3") as http:
            return list(await asyncio.gather(*(http.request(**request) for request in requests)))

    return run(ask_all())
