"""The issuer over HTTP: tokens for the client's origin, public data for everybody, refusals as problems."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer.app import MAX_BODY_SIZE, create_app
from issuer.keys import VoterPseudonym
from shared.db import write
from shared.encoding import b64u, from_b64u, parse_canonical
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import Poll
from shared.trust import PATH
from tests.issuer.office import CLIENT_URL, Office, blinded_message, sample_draft

PERSON = VoterPseudonym(b"\x01" * 32)


@pytest.fixture
def client(office: Office) -> FlaskClient:
    office.prepare_sign_in()
    return create_app(office.settings, office.watch).test_client()


@pytest.fixture
def poll(office: Office) -> Poll:
    return office.publish()


@pytest.mark.both_databases
def test_an_address_that_the_database_cannot_hold_is_not_found(client: FlaskClient) -> None:
    assert client.get("/log/%00/checkpoint").status_code == 404
    assert client.get("/admin/applications/%00").status_code == 404


@pytest.fixture
def access_token(office: Office, poll: Poll) -> str:
    return office.grant({poll.poll_id: PERSON})


def ask(client: FlaskClient, poll: Poll, access_token: str, **changes: Any) -> TestResponse:
    body = {"blinded_message": b64u(blinded_message(poll))}
    headers = {"Authorization": f"Bearer {access_token}", "Origin": CLIENT_URL}
    given = {"json": body, "headers": headers, **changes}
    return client.post(f"/polls/{poll.poll_id.hex()}/token", **given)


def refusal(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    return response.status_code, response.get_json(force=True)["type"].removeprefix("urn:veche:problem:")


def test_a_token_comes_with_its_promise(
    client: FlaskClient, office: Office, poll: Poll, access_token: str
) -> None:
    message = blinded_message(poll)
    response = ask(client, poll, access_token, json={"blinded_message": b64u(message)})
    assert response.status_code == 200
    answer = {name: from_b64u(value) for name, value in parse_canonical(response.data).items()}
    assert set(answer) == {"blind_signature", "nonce", "promise", "pseudonym"}
    assert answer["pseudonym"] == PERSON
    leaf = issuance_leaf(poll.poll_id, PERSON, answer["nonce"], message)
    verify_promise(office.keys.statement_key(), poll.poll_id, leaf, answer["promise"])


def test_the_same_request_gets_the_same_bytes(client: FlaskClient, poll: Poll, access_token: str) -> None:
    body = {"blinded_message": b64u(blinded_message(poll))}
    first, second = (ask(client, poll, access_token, json=body) for _ in range(2))
    assert first.data == second.data


def test_token_answers_are_for_the_client_and_never_stored(
    client: FlaskClient, poll: Poll, access_token: str
) -> None:
    for response in (ask(client, poll, access_token), ask(client, poll, "wrong")):
        assert response.headers["Access-Control-Allow-Origin"] == CLIENT_URL
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"


def test_a_preflight_allows_the_access_token(client: FlaskClient, poll: Poll) -> None:
    response = client.options(f"/polls/{poll.poll_id.hex()}/token")
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == CLIENT_URL
    assert response.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi"])
def test_without_an_access_token_nothing_is_given(client: FlaskClient, poll: Poll, header: str) -> None:
    assert refusal(ask(client, poll, "", headers={"Authorization": header})) == (401, "not-authorized")


def test_a_token_for_another_poll_is_refused(
    client: FlaskClient, office: Office, poll: Poll, access_token: str
) -> None:
    sibling = office.publish(sample_draft(contact="Другая"))
    assert refusal(ask(client, sibling, access_token)) == (403, "poll-not-granted")


def test_another_message_is_refused(client: FlaskClient, poll: Poll, access_token: str) -> None:
    assert ask(client, poll, access_token).status_code == 200
    assert refusal(ask(client, poll, access_token)) == (409, "token-already-issued")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"{", b'{"blinded_message":1}', b'{"blinded_message":"AA","more":1}',
             b'{"blinded_message":"AA","blinded_message":"AA"}', b"\xff", b'{"blinded_message":null}']
)  # fmt: skip
def test_a_body_that_does_not_decode_is_malformed(
    client: FlaskClient, poll: Poll, access_token: str, body: bytes
) -> None:
    response = ask(client, poll, access_token, json=None, data=body, content_type="application/json")
    assert refusal(response) == (400, "malformed-request")


@pytest.mark.parametrize("text", ["", "AA", "AB", "A=", "+/", "AAAA" * 85])
def test_a_blinded_message_of_a_wrong_form_is_refused(
    client: FlaskClient, poll: Poll, access_token: str, text: str
) -> None:
    response = ask(client, poll, access_token, json={"blinded_message": text})
    assert refusal(response) == (422, "blinded-message-invalid")


def test_another_media_type_is_refused(client: FlaskClient, poll: Poll, access_token: str) -> None:
    response = ask(client, poll, access_token, json=None, data=b"{}", content_type="text/plain")
    assert refusal(response) == (415, "media-type-unsupported")


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, poll: Poll, access_token: str) -> None:
    data = b" " * (MAX_BODY_SIZE + 1)
    response = ask(client, poll, access_token, json=None, data=data, content_type="application/json")
    assert refusal(response) == (413, "too-large")


@pytest.mark.parametrize("path", ["/polls/%s/token", "/polls/%s/issuance"])
@pytest.mark.parametrize("poll_id", ["00" * 32, "0" * 63, "FF" * 32, "x"])
def test_an_unknown_poll_is_refused(
    client: FlaskClient, poll: Poll, access_token: str, path: str, poll_id: str
) -> None:
    headers = {"Authorization": f"Bearer {access_token}"}
    body = {"blinded_message": b64u(blinded_message(poll))}
    target = path % poll_id
    response = client.post(target, json=body, headers=headers) if "token" in path else client.get(target)
    assert refusal(response) == (404, "poll-unknown")


def test_the_count_of_issuances_is_public(client: FlaskClient, poll: Poll, access_token: str) -> None:
    ask(client, poll, access_token)
    response = client.get(f"/polls/{poll.poll_id.hex()}/issuance")
    assert response.data == b'{"issued":1,"poll_id":"%s"}' % poll.poll_id.hex().encode()
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_issuance_log_is_public(client: FlaskClient, office: Office, poll: Poll) -> None:
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    base = poll.manifest.issuers[0].log_url.removeprefix(office.settings.url)
    checkpoint, tile = client.get(f"{base}/checkpoint"), client.get(f"{base}/tile/0/000.p/1")
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert len(tile.data) == 32
    assert "immutable" in tile.headers["Cache-Control"]
    assert {r.headers["Access-Control-Allow-Origin"] for r in (checkpoint, tile)} == {"*"}


@pytest.mark.parametrize(
    "path", ["x", "tile/0/000", "tile/0/000.p/2", "tile/9/x", "tile/entries/001", "../x"]
)
def test_what_the_log_does_not_have_is_not_found(client: FlaskClient, poll: Poll, path: str) -> None:
    base = poll.manifest.issuers[0].log_url.removeprefix("http://127.0.0.3:8000")
    assert refusal(client.get(f"{base}/{path}")) == (404, "not-found")


def test_the_trust_root_is_served_as_it_is(client: FlaskClient, office: Office) -> None:
    response = client.get(PATH)
    assert response.data == office.trust.to_bytes()
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/nowhere", PATH])
def test_every_answer_bears_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_another_method_is_refused(client: FlaskClient, poll: Poll) -> None:
    response = client.get(f"/polls/{poll.poll_id.hex()}/token")
    assert refusal(response) == (405, "method-not-allowed")


@pytest.mark.sqlite
@pytest.mark.faults
def test_a_database_that_fails_is_unavailable_and_says_when_to_repeat(
    client: FlaskClient, office: Office, poll: Poll
) -> None:
    with write(office.engine) as conn:
        conn.exec_driver_sql("DROP TABLE poll")
    response = client.get(f"/polls/{poll.poll_id.hex()}/issuance")
    assert refusal(response) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
