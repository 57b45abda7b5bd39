"""Refusals that must not tell more than that: who is there, who has a token, whose ballot it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from issuer.app import create_app
from issuer.keys import VoterPseudonym
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.issuer.office import Office

pytestmark = [pytest.mark.faults, pytest.mark.attack("A51")]


@pytest.fixture
def http(office: Office) -> FlaskClient:
    office.prepare_sign_in()
    return create_app(office.settings, office.watch).test_client()


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("issuer"))


def ask(http: FlaskClient, poll: Poll, authorization: str | None) -> tuple[int, bytes]:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = http.post(f"/polls/{poll.poll_id.hex()}/token", json={"blinded_message": "AA"}, headers=headers)
    return answer.status_code, answer.data


def test_no_wrong_and_expired_access_tokens_are_refused_alike(office: Office, http: FlaskClient) -> None:
    poll = office.publish()
    expired = office.grant({poll.poll_id: VoterPseudonym(bytes(32))})
    assert ask(http, poll, f"Bearer {expired}")[0] == 422
    office.watch.now += timedelta(minutes=16)
    given = (None, "", "Bearer", "Bearer x", "Basic x", f"Bearer {'A' * 43}", f"Bearer {expired}")
    answers = {ask(http, poll, authorization) for authorization in given}
    assert len(answers) == 1
    assert answers.pop()[0] == 401


def test_the_refusal_of_an_application_code_does_not_tell_whether_there_is_one(http: FlaskClient) -> None:
    answers = {http.get(f"/admin/applications/{code}").status_code for code in ("22222222", "99999999", "x")}
    assert len(answers) == 1


def test_a_wrong_token_is_refused_alike_whether_or_not_its_key_has_voted(tmp_path: Path) -> None:
    box = Box(tmp_path)
    poll = box.publish()
    cast, other = box.ballot(poll), box.ballot(poll)
    assert box.cast(poll, cast).status_code == 200
    wrong = (ballot[:120] + bytes(32) + ballot[152:] for ballot in (cast, other))
    answers = {(answer.status_code, answer.data) for answer in (box.cast(poll, ballot) for ballot in wrong)}
    assert len(answers) == 1
