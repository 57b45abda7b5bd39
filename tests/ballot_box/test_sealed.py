"""A sealed poll at the ballot box: nobody reads answers before the opening, and the result waits for it."""

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from auditor.source import NotThere
from crypto import ballot_signature
from shared import labels
from shared.encoding import parse_json
from shared.manifest import Poll
from shared.sealing import Opening
from shared.statements import Statement
from tests.ballot_box.box import ISSUER_SEED, Box, refusal
from tests.samples import sealed
from tests.simulator import ANSWERS, Election, seed

KEY = seed("sealing")
CANCELLED = {"ru": "Отменено.", "en": "Annulled."}


@pytest.fixture
def poll(box: Box) -> Poll:
    return box.publish(**sealed(KEY), revoting=True)


def _open(box: Box, poll: Poll, key: bytes = KEY, **changes: Any) -> TestResponse:
    data = replace(Opening(poll.poll_id, key), **changes).encoded
    path = f"/polls/{poll.poll_id.hex()}/opening"
    return box.http.put(path, data=data, content_type="application/json")


def _state(box: Box, poll: Poll) -> Any:
    return parse_json(box.get(f"/polls/{poll.poll_id.hex()}/state.json"))


def _result(box: Box, poll: Poll) -> Any:
    return parse_json(box.get(f"/polls/{poll.poll_id.hex()}/result.json"))


def test_the_answers_of_a_sealed_ballot_are_nowhere_in_what_the_box_keeps(box: Box, poll: Poll) -> None:
    assert box.cast(poll, box.ballot(poll)).status_code == 200
    box.close(poll)
    assert b"river" in poll.manifest_bytes
    assert not any(b"river" in leaf for leaf in box.leaves(poll)[1:])


def test_the_door_cannot_judge_answers_that_it_cannot_read(box: Box, poll: Poll) -> None:
    forbidden = box.ballot(poll, None, raw_answers=b'{"place":["moon"],"trees":[]}'.ljust(64))
    assert box.cast(poll, forbidden).status_code == 200
    assert refusal(box.cast(poll, box.ballot(poll, None, raw_answers=b" " * 65))) == (422, "ballot-malformed")
    box.close(poll)
    assert _open(box, poll).status_code == 201
    box.worker.step()
    assert (_result(box, poll)["valid"], _result(box, poll)["invalid"]) == (0, 1)


def test_the_result_waits_for_the_opening_and_follows_from_it(box: Box, poll: Poll) -> None:
    for answers in ANSWERS[:3]:
        box.cast(poll, box.ballot(poll, answers))
    box.close(poll)
    box.worker.step()
    assert _state(box, poll) == {
        "awaits_opening": True, "ballots": 3, "closed": True, "poll_id": poll.poll_id.hex(),
    }  # fmt: skip
    with pytest.raises(NotThere):
        _result(box, poll)
    assert _open(box, poll).status_code == 201
    box.worker.step()
    assert not _state(box, poll)["awaits_opening"]
    votes = {option["id"]: option["votes"] for option in _result(box, poll)["questions"][0]["options"]}
    assert votes == {"river": 2, "school": 1, "none": 0}


def test_the_opening_is_published_and_stands_in_the_catalogue(box: Box, poll: Poll) -> None:
    box.close(poll)
    _open(box, poll)
    published = box.get(f"/polls/{poll.poll_id.hex()}/opening.json")
    assert published == Opening(poll.poll_id, KEY).encoded
    catalogue = box.trust.ballot_box.catalogue
    assert labels.OPENING + published in box.log_entries(f"{box.url}/log/catalogue", catalogue)


def test_an_opening_may_be_brought_again(box: Box, poll: Poll) -> None:
    box.close(poll)
    assert [_open(box, poll).status_code for _ in range(2)] == [201, 200]
    box.worker.step()
    assert _open(box, poll).status_code == 200


def test_nothing_is_opened_before_the_closing_record_is_there(box: Box, poll: Poll) -> None:
    assert refusal(_open(box, poll)) == (403, "opening-too-early")
    box.watch.now = poll.manifest.closes_at
    assert refusal(_open(box, poll)) == (403, "opening-too-early")
    with pytest.raises(NotThere):
        box.get(f"/polls/{poll.poll_id.hex()}/opening.json")


def test_another_key_does_not_open(box: Box, poll: Poll) -> None:
    box.close(poll)
    assert refusal(_open(box, poll, seed("stranger"))) == (422, "opening-refused")
    assert refusal(_open(box, poll, bytes(32))) == (422, "opening-refused")
    assert refusal(_open(box, poll, poll_id=bytes(32))) == (400, "malformed-request")
    assert _state(box, poll)["awaits_opening"]


def test_a_poll_that_is_not_sealed_is_not_opened(box: Box) -> None:
    poll = box.publish()
    box.close(poll)
    assert refusal(_open(box, poll)) == (422, "opening-refused")
    assert not _state(box, poll)["awaits_opening"]


@pytest.mark.parametrize("custodian", ["trustees", "automatic"])
def test_a_cancelled_poll_is_never_opened(box: Box, custodian: str) -> None:
    automatic = automatically_sealed(box) if custodian == "automatic" else sealed(KEY)
    poll = box.publish(**automatic)
    statement = Statement("cancellation", poll.poll_id, CANCELLED).signed(ISSUER_SEED, 0)
    path = f"/polls/{poll.poll_id.hex()}/cancellation"
    assert box.http.put(path, data=statement.encoded, content_type="application/json").status_code == 201
    box.close(poll)
    box.worker.step()
    key = KEY if custodian == "trustees" else box.state.sealing_key(_log_id(poll))
    assert refusal(_open(box, poll, key)) == (422, "opening-refused")
    assert not _state(box, poll)["awaits_opening"]
    with pytest.raises(NotThere):
        box.get(f"/polls/{poll.poll_id.hex()}/opening.json")


def test_an_automatic_custodian_opens_at_closing_without_anybody(box: Box) -> None:
    poll = box.publish(**automatically_sealed(box))
    box.cast(poll, box.ballot(poll))
    with pytest.raises(NotThere):
        box.get(f"/polls/{poll.poll_id.hex()}/opening.json")
    box.close(poll)
    assert box.get(f"/polls/{poll.poll_id.hex()}/opening.json")
    assert _result(box, poll)["valid"] == 1


def test_a_key_that_is_not_the_boxs_own_cannot_have_it_as_its_custodian(box: Box) -> None:
    poll = box.draft(**sealed(KEY, custodian="automatic", threshold=1, trustees=[]))
    assert refusal(box.put(poll)) == (422, "manifest-refused")


def test_no_two_polls_are_sealed_for_one_key(box: Box, poll: Poll) -> None:
    other = box.draft("cd" * 32, **sealed(KEY))
    assert refusal(box.put(other)) == (422, "manifest-refused")
    assert box.put(poll).status_code == 200


def test_a_later_revision_replaces_an_earlier_one_under_the_seal(box: Box, poll: Poll) -> None:
    key, election = ballot_signature.generate(), Election(poll)
    tokens = (election.token(ballot_signature.public_bytes(key)),)
    for revision, answers in enumerate(ANSWERS[:2]):
        ballot = election.ballot(answers, key=key, tokens=tokens, revision=revision)
        assert box.cast(poll, ballot).status_code == 200
    box.close(poll)
    _open(box, poll)
    box.worker.step()
    votes = {option["id"]: option["votes"] for option in _result(box, poll)["questions"][0]["options"]}
    assert votes == {"river": 0, "school": 1, "none": 0}


def automatically_sealed(box: Box, request: str = "ab" * 32) -> dict[str, Any]:
    """Changes of a manifest that the box opens by itself."""
    public_key = box.ask_log(request).get_json()["sealing_key"]
    return sealed(KEY, custodian="automatic", threshold=1, trustees=[], public_key=public_key)


def _log_id(poll: Poll) -> str:
    return poll.manifest.ballot_box.log_url.rpartition("/")[2]
