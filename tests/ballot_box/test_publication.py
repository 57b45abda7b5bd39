"""Publication: pinned issuers alone, in steps that may each be repeated."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from ballot_box import store
from crypto import ed25519
from crypto.signed_note import VerifierKey
from shared.db import write
from shared.encoding import b64u, canonical_json, format_time, from_b64u
from shared.manifest import Poll, build_manifest
from shared.publication import parse_signatures, verify_manifest_signatures
from tests.ballot_box.box import (
    BOX_URL,
    CLIENT_URL,
    ISSUER_SEED,
    ISSUER_URL,
    STRANGER_SEED,
    Box,
    log_request,
    poll_members,
    publication,
    refusal,
)
from tests.simulator import log_key
from tests.watch import NOON


def test_a_log_is_given_with_the_keys_that_a_manifest_needs(box: Box) -> None:
    offer = box.ask_log().get_json()
    assert set(offer) == {"log_key", "log_url", "sealing_key", "statement_key", "url"}
    assert offer["url"] == BOX_URL
    assert from_b64u(offer["statement_key"]) == box.state.statement_key()
    path = offer["log_url"].removeprefix(f"{BOX_URL}/log/")
    assert len(bytes.fromhex(path)) == 16
    assert VerifierKey.parse(offer["log_key"]).name == offer["log_url"].removeprefix("http://")


def test_the_same_request_is_given_the_same_log_and_another_another(box: Box) -> None:
    assert box.ask_log().data == box.ask_log().data
    assert box.ask_log("cd" * 32).get_json()["log_url"] != box.ask_log().get_json()["log_url"]


def test_requests_at_once_are_given_one_log(box: Box) -> None:
    clients = [box.new_http() for _ in range(8)]
    body = log_request(BOX_URL, "ab" * 32, ISSUER_SEED)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda http: http.post("/logs", json=body), clients))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        (STRANGER_SEED, {}),
        (ISSUER_SEED, {"issuer": "http://127.0.0.9:8000"}),
        (ISSUER_SEED, {"issuer": BOX_URL}),
        (ISSUER_SEED, {"request": "cd" * 32}),
        (ISSUER_SEED, {"signature": b64u(bytes(64))}),
    ],
)
def test_a_log_for_a_stranger_is_refused(box: Box, key: bytes, changes: dict[str, Any]) -> None:
    body = log_request(BOX_URL, "ab" * 32, key) | changes
    assert refusal(box.http.post("/logs", json=body)) == (403, "issuer-unknown")
    assert [path.name for path in (box.settings.state / "logs").iterdir()] == ["catalogue.key"]


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["last", "first"])
def test_while_an_issuer_changes_its_key_both_are_known(box: Box, order: slice) -> None:
    present = box.trust.issuers[0]
    other = present.model_copy(update={"statement_key": b64u(ed25519.public_key(STRANGER_SEED))})
    issuers = (present, other)[order]
    box.settings.trust.write_bytes(box.trust.model_copy(update={"issuers": issuers}).to_bytes())
    for request, key in (("ab" * 32, ISSUER_SEED), ("cd" * 32, STRANGER_SEED)):
        assert box.http.post("/logs", json=log_request(BOX_URL, request, key)).status_code == 200
    box.publish()


def test_a_request_signed_for_another_box_is_refused(box: Box) -> None:
    body = log_request("http://127.0.0.9:8000", "ab" * 32, ISSUER_SEED)
    assert refusal(box.http.post("/logs", json=body)) == (403, "issuer-unknown")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 10_000,
        b'{"request":"x","request":"x"}',
        canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED) | {"more": 1}),
        canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED) | {"request": "AB" * 32}),
        canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED) | {"request": "ab" * 31}),
        canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED) | {"signature": "AA"}),
        canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED) | {"signature": 5}),
    ],
)
def test_a_malformed_body_is_refused(box: Box, body: bytes) -> None:
    answer = box.http.post("/logs", data=body, content_type="application/json")
    assert refusal(answer) == (400, "malformed-request")
    answer = box.http.put(f"/polls/{'ab' * 32}", data=body, content_type="application/json")
    assert refusal(answer) == (400, "malformed-request")


def test_a_body_of_another_media_type_is_refused(box: Box) -> None:
    body = canonical_json(log_request(BOX_URL, "ab" * 32, ISSUER_SEED))
    answer = box.http.post("/logs", data=body, content_type="text/plain")
    assert refusal(answer) == (415, "media-type-unsupported")


def test_a_published_poll_is_served_byte_for_byte(box: Box) -> None:
    poll = box.draft()
    answer = box.put(poll)
    assert (answer.status_code, answer.get_json()) == (201, {"poll_id": poll.poll_id.hex()})
    base = f"/polls/{poll.poll_id.hex()}"
    assert box.get(f"{base}/manifest.json") == poll.manifest_bytes
    verify_manifest_signatures(poll, parse_signatures(box.get(f"{base}/signatures.json")))
    assert box.http.get("/polls").get_json() == {"polls": [poll.poll_id.hex()]}
    assert box.leaves(poll) == [poll.first_leaf]


def test_publishing_again_answers_200_and_changes_nothing(box: Box, poll: Poll) -> None:
    box.watch.now = poll.manifest.closes_at + timedelta(days=1)
    assert box.put(poll).status_code == 200
    assert box.leaves(poll) == [poll.first_leaf]


def test_publishing_at_once_publishes_once(box: Box) -> None:
    poll = box.draft()
    clients = [box.new_http() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        url, body = f"/polls/{poll.poll_id.hex()}", publication(poll)
        answers = list(pool.map(lambda http: http.put(url, json=body), clients))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert box.leaves(poll) == [poll.first_leaf]


@pytest.mark.attack("A28")
def test_a_second_poll_in_one_log_is_refused(box: Box, poll: Poll) -> None:
    second = box.draft(minimum_age=21)
    assert refusal(box.put(second)) == (422, "manifest-refused")
    assert box.http.get("/polls").get_json() == {"polls": [poll.poll_id.hex()]}


def test_a_poll_that_has_closed_is_refused(box: Box) -> None:
    poll = box.draft()
    box.watch.now = poll.manifest.closes_at
    assert refusal(box.put(poll)) == (422, "manifest-refused")
    box.watch.now -= timedelta(seconds=1)
    assert box.put(poll).status_code == 201


def test_a_manifest_under_another_id_is_refused(box: Box) -> None:
    answer = box.http.put(f"/polls/{'ab' * 32}", json=publication(box.draft()))
    assert refusal(answer) == (422, "manifest-refused")


def _elsewhere(offer: dict[str, str]) -> dict[str, Any]:
    url = f"{BOX_URL}/log/{'ef' * 16}"
    return {
        "ballot_box": poll_members(offer)["ballot_box"]
        | {"log_url": url, "log_key": log_key(url, ISSUER_SEED)}
    }


def _other_log_key(offer: dict[str, str]) -> dict[str, Any]:
    return {
        "ballot_box": poll_members(offer)["ballot_box"] | {"log_key": log_key(offer["log_url"], ISSUER_SEED)}
    }


def _weak_token_key(offer: dict[str, str]) -> dict[str, Any]:
    issuer = poll_members(offer)["issuers"][0]
    return {"issuers": [issuer | {"token_key": b64u(ed25519.public_key(ISSUER_SEED))}]}


@pytest.mark.parametrize("change", [_elsewhere, _other_log_key, _weak_token_key])
def test_a_manifest_with_keys_or_a_log_that_cannot_be_is_refused(
    box: Box, change: Callable[[dict[str, str]], dict[str, Any]]
) -> None:
    offer = box.ask_log().get_json()
    poll = build_manifest(poll_members(offer) | change(offer))
    assert refusal(box.put(poll)) == (422, "manifest-refused")
    assert box.http.get("/polls").get_json() == {"polls": []}


def test_a_manifest_in_a_log_that_another_issuer_was_given_is_refused(box: Box) -> None:
    log_id = "ef" * 16
    with write(box.engine) as conn:
        store.give_log(conn, "http://127.0.0.9:8000", bytes(32), log_id)
    url, offer = f"{BOX_URL}/log/{log_id}", box.ask_log().get_json()
    key = str(VerifierKey(url.removeprefix("http://"), box.state.make_log_key(log_id)))
    taken = offer | {"log_url": url, "log_key": key}
    assert refusal(box.put(build_manifest(poll_members(taken)))) == (422, "manifest-refused")


@pytest.mark.parametrize("manifest", [b"", b"{}", b"not json", b"{}" * 31_000])
def test_bytes_that_are_no_manifest_are_refused(box: Box, manifest: bytes) -> None:
    answer = box.put(box.draft(), manifest=b64u(manifest))
    assert refusal(answer) == (422, "manifest-refused")


def test_a_manifest_that_is_not_canonical_is_refused(box: Box) -> None:
    poll = box.draft()
    answer = box.put(poll, manifest=b64u(poll.manifest_bytes + b"\n"))
    assert refusal(answer) == (422, "manifest-refused")


@pytest.mark.parametrize(
    ("url", "key"), [(ISSUER_URL, STRANGER_SEED), ("http://127.0.0.9:8000", ISSUER_SEED)]
)
def test_a_manifest_of_an_issuer_that_is_not_pinned_is_refused(box: Box, url: str, key: bytes) -> None:
    offer = box.ask_log().get_json()
    path = poll_members(offer)["issuers"][0]["log_url"].removeprefix(ISSUER_URL)
    stranger = poll_members(offer)["issuers"][0] | {
        "url": url,
        "statement_key": b64u(ed25519.public_key(key)),
        "log_url": url + path,
        "log_key": log_key(url + path, ISSUER_SEED),
    }
    poll = build_manifest(poll_members(offer) | {"issuers": [stranger]})
    assert refusal(box.put(poll, **publication(poll, key))) == (403, "issuer-unknown")


def test_a_manifest_for_another_client_is_refused(box: Box) -> None:
    assert refusal(box.put(box.draft(client="http://127.0.0.9:8000"))) == (403, "issuer-unknown")
    assert box.draft().manifest.client == CLIENT_URL


def test_wrong_missing_and_surplus_signatures_are_refused(box: Box) -> None:
    poll = box.draft()
    (right,) = publication(poll)["signatures"]
    (wrong,) = publication(poll, STRANGER_SEED)["signatures"]
    for signatures in ([], [wrong], [right, right], [right | {"issuer": 1}], [right, wrong | {"issuer": 1}]):
        assert refusal(box.put(poll, signatures=signatures)) == (403, "issuer-unknown")
    assert box.put(poll).status_code == 201


def test_a_long_manifest_is_taken_and_a_longer_body_is_not(box: Box) -> None:
    text = dict.fromkeys(("ru", "en"), "ж" * 10_000)
    poll = box.draft(description=text)
    assert box.put(poll).status_code == 201
    answer = box.put(poll, manifest="A" * 140_000)
    assert refusal(answer) == (413, "too-large")


def test_two_polls_live_side_by_side(box: Box, poll: Poll) -> None:
    second = box.publish("cd" * 32, closes_at=format_time(NOON + timedelta(minutes=5)))
    assert box.http.get("/polls").get_json() == {"polls": [poll.poll_id.hex(), second.poll_id.hex()]}
    assert box.leaves(poll) == [poll.first_leaf]
    assert box.leaves(second) == [second.first_leaf]
