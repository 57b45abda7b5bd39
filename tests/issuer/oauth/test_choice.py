"""The page on which the resident chooses: what is offered, what is granted, who may send the form."""

from datetime import timedelta

import httpx
import pytest

from tests.issuer.oauth.town import Town, WebClient, form_of, fragment, scope_of
from tests.issuer.office import CLIENT_URL, ISSUER_URL, sample_draft

SIGN_IN = f"{ISSUER_URL}/signin"


@pytest.fixture
def client(town: Town) -> WebClient:
    """A client that wants the poll of Barnaul."""
    return WebClient(town, [town.barnaul])


def ticked(page: httpx.Response) -> list[str]:
    return [value for name, value in form_of(page).fields if name == "poll"]


def test_the_wanted_poll_is_ticked_and_the_other_is_offered(town: Town, client: WebClient) -> None:
    page = client.page("barnaul-1")
    assert ticked(page) == [town.barnaul.poll_id.hex()]
    assert f'value="{town.region.poll_id.hex()}"' in page.text
    assert "на другом устройстве будет нельзя" in page.text
    assert "До 23 ноября 2026\u00a0г., 20:00\u00a0(МСК+4)" in page.text


def test_what_is_ticked_is_granted(town: Town, client: WebClient) -> None:
    page = client.page("barnaul-1")
    answer = fragment(client.submit(page, ("poll", town.region.poll_id.hex())))
    assert set(answer["scope"].split()) == set(scope_of(town.barnaul, town.region).split())
    granted = client.exchange(answer["code"]).json()["scope"]
    assert set(granted.split()) == set(answer["scope"].split())


def test_what_is_not_ticked_is_not_granted(town: Town) -> None:
    client = WebClient(town, [town.barnaul, town.region])
    page = client.page("barnaul-1")
    assert set(ticked(page)) == {town.barnaul.poll_id.hex(), town.region.poll_id.hex()}
    fields = [field for field in form_of(page).fields if field[1] != town.barnaul.poll_id.hex()]
    answer = fragment(client.browser.post(SIGN_IN, [*fields, ("action", "get")]))
    assert answer["scope"] == scope_of(town.region)


def test_some_may_be_granted_where_others_are_refused(town: Town) -> None:
    client = WebClient(town, [town.barnaul, town.region])
    page = client.page("biysk-1")
    assert "Здесь участвовать не получится" in page.text
    assert ticked(page) == [town.region.poll_id.hex()]
    assert fragment(client.submit(page))["scope"] == scope_of(town.region)


def test_where_none_is_granted_the_page_says_why_and_what_else_there_is(
    town: Town, client: WebClient
) -> None:
    page = client.page("biysk-1")
    assert "Вы зарегистрированы в другом месте" in page.text
    assert "город Барнаул" in page.text
    assert f'href="{CLIENT_URL}/?poll={town.region.poll_id.hex()}"' in page.text
    fields = [*form_of(page).fields, ("poll", town.region.poll_id.hex())]
    answer = fragment(client.browser.post(SIGN_IN, [*fields, ("action", "back")]))
    assert answer["error_description"] == "not-resident"


def test_cancelling_grants_nothing(client: WebClient) -> None:
    page = client.page("barnaul-1")
    answer = fragment(client.submit(page, button=1))
    assert (answer["error"], answer["error_description"]) == ("access_denied", "sign-in-cancelled")
    assert client.submit(page).status_code == 403


def test_nothing_ticked_asks_again(client: WebClient) -> None:
    page = client.page("barnaul-1")
    fields = [field for field in form_of(page).fields if field[0] != "poll"]
    again = client.browser.post(SIGN_IN, [*fields, ("action", "get")])
    assert again.status_code == 422
    assert "Отметьте хотя бы одно голосование" in again.text
    assert "code" in fragment(client.submit(again))


@pytest.mark.parametrize("poll", ["refused", "00" * 32, "x", "", "FF" * 32])
def test_a_poll_that_was_not_offered_is_refused(town: Town, poll: str) -> None:
    client = WebClient(town, [town.barnaul, town.region])
    page = client.page("biysk-1")
    hidden = town.barnaul.poll_id.hex() if poll == "refused" else poll
    answer = client.submit(page, ("poll", hidden))
    assert answer.status_code == 400
    assert "code" in fragment(client.submit(page))


def test_a_form_sent_twice_gets_the_same_code(client: WebClient) -> None:
    page = client.page("barnaul-1")
    first, second = (client.submit(page).headers["Location"] for _ in range(2))
    assert first == second
    assert client.exchange(fragment(client.submit(page))["code"]).status_code == 200
    assert client.submit(page).status_code == 403


@pytest.mark.attack("A26")
def test_a_second_form_cannot_widen_the_grant(town: Town, client: WebClient) -> None:
    page = client.page("barnaul-1")
    client.submit(page)
    answer = fragment(client.submit(page, ("poll", town.region.poll_id.hex())))
    assert answer["scope"] == scope_of(town.barnaul)


@pytest.mark.attack("A26")
@pytest.mark.parametrize("token", [None, "", "x", "ё"])
def test_a_form_of_another_site_is_refused(client: WebClient, token: str | None) -> None:
    page = client.page("barnaul-1")
    fields = [field for field in form_of(page).fields if field[0] != "form_token"]
    fields += [("form_token", token)] if token is not None else []
    for path in ("/signin", "/signin/again"):
        answer = client.browser.post(ISSUER_URL + path, [*fields, ("action", "get")])
        assert answer.status_code == 403
        assert "Location" not in answer.headers
    assert "code" in fragment(client.submit(page))


def test_the_form_of_another_sign_in_is_refused(town: Town, client: WebClient) -> None:
    page, other = client.page("barnaul-1"), WebClient(town, [town.barnaul])
    other.page("barnaul-2")
    form = form_of(page)
    assert other.browser.post(form.action, [*form.fields, ("action", "get")]).status_code == 403


def test_a_choice_must_be_made_in_ten_minutes(town: Town, client: WebClient) -> None:
    page = client.page("barnaul-1")
    town.watch.now += timedelta(minutes=10)
    answer = client.submit(page)
    assert answer.status_code == 403
    assert "Вход не завершён" in answer.text


def test_a_token_that_was_given_is_a_note_and_no_wall(town: Town, client: WebClient) -> None:
    pseudonym = town.office.keys.pseudonym(town.barnaul.poll_id, "00000060119")
    town.office.desk.issue(town.barnaul.poll_id, pseudonym, b"\x01" * 256, nonce=b"\x02" * 32)
    page = client.page("barnaul-1")
    assert page.text.count("Бюллетень вам уже выдавали") == 1
    assert fragment(client.submit(page))["scope"] == scope_of(town.barnaul)


def test_a_verified_poll_wants_a_verified_address(town: Town) -> None:
    town = Town(town.folder / "verified", {"esia_verified_marks": "1,1,1;2,2,2"})
    poll = town.office.publish(sample_draft(residency="verified"))
    assert "code" in WebClient(town, [poll]).sign_in("barnaul-1")
    answer = WebClient(town, [poll]).sign_in("unverified-address")
    assert answer["error_description"] == "address-not-verified"
