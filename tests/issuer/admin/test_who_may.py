"""Every act outside one's municipality, role or period is refused, however it is tried."""

from datetime import timedelta

import pytest
from flask import Flask

from issuer.admin import officials
from issuer.admin.acts import count
from issuer.admin.refusals import FormExpired, NoRole, NotSignedIn, OfficialNotAllowed
from shared.db import read, write
from tests.issuer.admin.clerk import BIYSK, Clerk, heading
from tests.issuer.admin.conftest import Hire
from tests.issuer.office import Office

DRAFT_ACTS = ("edit", "duplicate", "delete", "submit", "withdraw", "return", "approve", "publish")
DRAFT_PAGES = ("", "/edit", "/preview")
OPERATOR_PAGES = (
    "/applications",
    "/applications/22222222",
    "/applications/22222222/scan",
    "/applications/22222222/paper.pdf",
    "/officials",
    "/acts",
    "/acts.json",
    "/acts.csv",
)
OPERATOR_ACTS = (
    "/applications/22222222/receive",
    "/applications/22222222/approve",
    "/applications/22222222/refuse",
    f"/officials/{'00' * 16}/prolong",
    f"/officials/{'00' * 16}/end",
)
FIELDS = {
    "reason": "Нужно исправить",
    "ends_on": "2030-01-01",
    "action": "save",
    "version": "2",
    "new_id": "0" * 32,
}


@pytest.fixture
def clerk(employ: Hire) -> Clerk:
    return employ()


def acts_of(office: Office) -> int:
    with read(office.engine) as conn:
        return count(conn)


@pytest.mark.attack("A28")
@pytest.mark.parametrize("act", DRAFT_ACTS)
def test_another_municipality_can_do_nothing_with_a_draft(clerk: Clerk, employ: Hire, act: str) -> None:
    draft_id, stranger = clerk.new_draft(), employ(oktmo=BIYSK)
    before = acts_of(clerk.office)
    answer = stranger.post(f"/polls/{draft_id}/{act}", **FIELDS)
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])
    assert acts_of(clerk.office) == before
    assert clerk.draft(draft_id).stage == "draft"


@pytest.mark.parametrize("page", DRAFT_PAGES)
def test_another_municipality_sees_no_draft(clerk: Clerk, employ: Hire, page: str) -> None:
    answer = employ(oktmo=BIYSK).get(f"/polls/{clerk.new_draft()}{page}")
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])


@pytest.mark.parametrize("page", OPERATOR_PAGES)
def test_the_operators_pages_are_no_administrators(clerk: Clerk, page: str) -> None:
    answer = clerk.get(page)
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])


@pytest.mark.parametrize("act", OPERATOR_ACTS)
def test_the_operators_acts_are_no_administrators(clerk: Clerk, act: str) -> None:
    answer = clerk.post(act, **FIELDS)
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])


@pytest.mark.attack("A28")
@pytest.mark.parametrize("act", [f"/polls/x/{act}" for act in DRAFT_ACTS] + ["/polls", *OPERATOR_ACTS])
def test_when_the_period_is_over_every_act_is_refused(clerk: Clerk, office: Office, act: str) -> None:
    draft_id = clerk.new_draft()
    with write(office.engine) as conn:
        assert officials.set_end(conn, clerk.official_id, office.watch.now)
    answer = clerk.post(act.replace("/x/", f"/{draft_id}/"), **FIELDS)
    assert (answer.status_code, heading(answer)) == (403, NoRole.ru[0])


@pytest.mark.parametrize("act", [f"/polls/x/{act}" for act in DRAFT_ACTS] + ["/polls", *OPERATOR_ACTS])
def test_without_a_session_every_act_is_refused(clerk: Clerk, app: Flask, act: str) -> None:
    path = act.replace("/x/", f"/{clerk.new_draft()}/")
    answer = app.test_client().post(f"/admin{path}", data=FIELDS | {"form_token": clerk.session.form_token})
    assert (answer.status_code, heading(answer)) == (401, NotSignedIn.ru[0])


@pytest.mark.attack("A26")
@pytest.mark.parametrize("act", DRAFT_ACTS)
@pytest.mark.parametrize("token", ["", "0" * 43])
def test_a_form_of_another_site_is_refused(clerk: Clerk, act: str, token: str) -> None:
    draft_id = clerk.new_draft()
    answer = clerk.post(f"/polls/{draft_id}/{act}", **FIELDS | {"form_token": token})
    assert (answer.status_code, heading(answer)) == (403, FormExpired.ru[0])
    assert clerk.draft(draft_id).version == 2


@pytest.mark.parametrize("act", OPERATOR_ACTS)
def test_a_form_of_another_site_is_refused_to_an_operator(employ: Hire, act: str) -> None:
    answer = employ("operator").post(act, **FIELDS | {"form_token": "0" * 43})
    assert (answer.status_code, heading(answer)) == (403, FormExpired.ru[0])


def test_guessed_ids_lead_nowhere(clerk: Clerk) -> None:
    for path in (
        "/polls/" + "0" * 32,
        "/polls/1",
        "/polls/published/" + "0" * 64,
        "/polls/published/1",
        "/x",
    ):
        assert clerk.get(path).status_code == 404


@pytest.mark.attack("A26")
@pytest.mark.attack("A28")
def test_nobody_reaches_beyond_their_municipality_in_a_form(clerk: Clerk) -> None:
    draft_id = clerk.new_draft()
    answer = clerk.save(draft_id, territory=[BIYSK])
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])
    assert clerk.draft(draft_id).content["territory"] == ["01701000"]


def test_a_session_ends_after_an_hour_without_use_and_after_eight_hours(clerk: Clerk, office: Office) -> None:
    office.watch.now += timedelta(minutes=59)
    assert clerk.post("/polls", new_id="1" * 32).status_code == 303
    office.watch.now += timedelta(minutes=59)
    assert clerk.get("/polls").status_code == 200
    office.watch.now += timedelta(minutes=2)
    assert clerk.get("/polls").status_code == 401


def test_signing_out_ends_the_session(clerk: Clerk) -> None:
    assert clerk.post("/sign-out").status_code == 303
    assert clerk.client.get("/admin/polls").status_code == 401
