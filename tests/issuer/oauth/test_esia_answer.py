"""ESIA's answer is taken once, by the browser that asked; what ESIA cannot do may be repeated."""

from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from tests.issuer.oauth.town import Town, WebClient, form_of, fragment, query_of
from tests.issuer.office import CLIENT_URL, ISSUER_URL

CALLBACK = f"{ISSUER_URL}/esia/callback"
SIGN_IN = f"{ISSUER_URL}/signin"


@pytest.fixture
def client(town: Town) -> WebClient:
    """A client that wants the poll of Barnaul."""
    return WebClient(town, [town.barnaul])


def is_expired(page: httpx.Response) -> bool:
    return (
        page.status_code == 403 and "Вход не завершён" in page.text and f'href="{CLIENT_URL}/"' in page.text
    )


def test_the_callback_answers_at_once_without_a_query(client: WebClient) -> None:
    answer = client.browser.get(client.esia_answer("barnaul-1"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_every_step_has_a_cookie_of_its_own(client: WebClient) -> None:
    started = client.begin()
    first = started.headers["Set-Cookie"]
    callback = client.sign_in_at(started.headers["Location"], "barnaul-1")
    second = client.browser.get(callback).headers["Set-Cookie"]
    assert first.split(";")[0] != second.split(";")[0]
    for cookie in (first, second):
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))


@pytest.mark.attack("A27")
def test_an_answer_is_taken_once(client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    old = dict(client.browser.cookies["127.0.0.3"])
    client.browser.get(callback)
    client.browser.cookies["127.0.0.3"] = old
    again = client.browser.get(callback)
    assert again.headers["Location"] == "/signin"
    assert "Set-Cookie" not in again.headers
    assert is_expired(client.browser.get(SIGN_IN))


def test_coming_back_to_the_answer_shows_the_page_again(client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    first = client.browser.follow(client.browser.get(callback), until=CLIENT_URL)
    second = client.browser.follow(client.browser.get(callback), until=CLIENT_URL)
    assert isinstance(first, httpx.Response)
    assert isinstance(second, httpx.Response)
    assert first.text == second.text


@pytest.mark.attack("A27")
def test_another_browser_cannot_bring_the_answer(town: Town, client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    stranger = WebClient(town, [town.barnaul])
    stranger.begin()
    for browser in (town.browser(), stranger.browser):
        answer = browser.get(callback)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/signin")
        assert "Set-Cookie" not in answer.headers
    assert client.browser.follow(client.browser.get(callback), until=CLIENT_URL).status_code == 200  # type: ignore[union-attr]


@pytest.mark.attack("A27")
def test_a_code_for_another_browser_is_of_no_use(town: Town, client: WebClient) -> None:
    stolen = query_of(client.esia_answer("barnaul-1"))["code"]
    thief = WebClient(town, [town.barnaul])
    state = query_of(thief.begin().headers["Location"])["state"]
    answer = thief.browser.get(f"{CALLBACK}?{urlencode({'code': stolen, 'state': state})}")
    assert "Set-Cookie" not in answer.headers
    assert thief.browser.get(SIGN_IN).status_code == 503


@pytest.mark.parametrize("changes", [{"state": ""}, {"state": "ё"}, {"state": "0" * 36}, {"code": ""}])
def test_an_answer_that_is_none_gives_nothing(client: WebClient, changes: dict[str, str]) -> None:
    query = query_of(client.esia_answer("barnaul-1")) | changes
    answer = client.browser.get(f"{CALLBACK}?{urlencode(query)}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin")
    assert client.browser.get(SIGN_IN).status_code in (403, 503)


def test_a_late_answer_is_expired(town: Town, client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    town.watch.now += timedelta(minutes=10)
    client.browser.get(callback)
    assert is_expired(client.browser.get(SIGN_IN))


def test_without_a_sign_in_there_is_the_way_to_the_client(town: Town) -> None:
    assert is_expired(town.browser().get(SIGN_IN))
    answer = town.browser().get(CALLBACK)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin")


def test_while_esia_is_asked_there_is_nothing_to_choose(client: WebClient) -> None:
    client.begin()
    assert is_expired(client.browser.get(SIGN_IN))


def test_declining_at_esia_goes_back_to_the_client(client: WebClient) -> None:
    answer = fragment(client.browser.get(client.esia_answer("")))
    assert (answer["error"], answer["error_description"]) == ("access_denied", "sign-in-cancelled")
    assert answer["state"] == client.state


def test_who_has_no_confirmed_account_is_told_what_to_do(client: WebClient) -> None:
    page = client.page("unconfirmed")
    assert "Учётная запись не подтверждена" in page.text
    assert "8\u00a0800\u00a0100\u201170\u201110" in page.text
    assert "паспорт" in page.text
    assert fragment(client.submit(page))["error_description"] == "account-not-confirmed"


def test_nothing_is_lost_when_esia_does_not_answer(town: Town, client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    town.stand_down = True
    assert client.browser.get(callback).headers["Location"] == "/signin"
    page = client.browser.get(SIGN_IN)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Госуслуги не ответили" in page.text
    assert client.browser.get(SIGN_IN).status_code == 503
    town.stand_down = False
    form = form_of(page)
    to_esia = client.browser.post(form.action, form.fields)
    callback = client.sign_in_at(to_esia.headers["Location"], "barnaul-1")
    page = client.browser.follow(client.browser.get(callback), until=CLIENT_URL)  # type: ignore[assignment]
    assert client.exchange(fragment(client.submit(page))["code"]).status_code == 200


def test_a_sign_in_that_esia_interrupted_can_be_given_up(town: Town, client: WebClient) -> None:
    callback = client.esia_answer("barnaul-1")
    town.stand_down = True
    client.browser.get(callback)
    page = client.browser.get(SIGN_IN)
    fields = [*form_of(page).fields, ("action", "cancel")]
    answer = fragment(client.browser.post(SIGN_IN, fields))
    assert answer["error_description"] == "sign-in-cancelled"


def test_a_fault_between_esia_and_us_is_not_the_residents(
    town: Town, client: WebClient, capsys: pytest.CaptureFixture[str]
) -> None:
    state = query_of(client.begin().headers["Location"])["state"]
    query = {"error": "access_denied", "error_description": "ESIA-007053: Иванов", "state": state}
    client.browser.get(f"{CALLBACK}?{urlencode(query)}")
    assert client.browser.get(SIGN_IN).status_code == 503
    output = "".join(capsys.readouterr())
    assert "EsiaRefused: ESIA-007053" in output
    assert "Иванов" not in output
