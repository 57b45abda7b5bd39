"""Officials sign in through ESIA; whatever comes of it, the next page does not name their account."""

from pathlib import Path

import httpx
import pytest

from issuer.admin.refusals import EsiaSilent, NoRole, NotSignedIn
from tests.issuer.oauth.town import Town
from tests.issuer.office import ISSUER_URL
from tests.programs.forms import forms_of
from tests.programs.resident import Browser

OFFICE = f"{ISSUER_URL}/admin"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def callback(browser: Browser, person: str) -> str:
    """Sign in at ESIA; where it sends the browser."""
    started = browser.post(f"{OFFICE}/sign-in", [])
    page = browser.get(started.headers["Location"])
    wanted = ("resident", person)
    forms = forms_of(page.text, str(page.url))
    form = next(found for found in forms if wanted in (*found.fields, *found.buttons))
    return str(browser.post(form.action, [*form.fields, wanted]).headers["Location"])


def arrive(browser: Browser, address: str) -> httpx.Response:
    page = browser.follow(browser.get(address), until="nowhere:")
    assert isinstance(page, httpx.Response)
    assert not page.url.query
    return page


@pytest.mark.parametrize("person", ["barnaul-1", "unconfirmed"])
def test_who_has_no_role_learns_it_in_both_languages(town: Town, person: str) -> None:
    browser = town.browser()
    page = arrive(browser, callback(browser, person))
    assert page.status_code == 403
    assert NoRole.ru[0] in page.text
    assert NoRole.en[0] in browser.get(f"{page.url}?lang=en").text


def test_an_answer_that_comes_twice_is_of_no_use(town: Town) -> None:
    browser = town.browser()
    address = callback(browser, "barnaul-1")
    arrive(browser, address)
    page = arrive(browser, address)
    assert page.status_code == 401
    assert NotSignedIn.ru[0] in page.text


def test_a_silent_esia_is_said_to_be_silent_and_asked_again(town: Town) -> None:
    browser = town.browser()
    address = callback(browser, "barnaul-1")
    town.stand_down = True
    page = arrive(browser, address)
    assert page.status_code == 503
    assert EsiaSilent.ru[0] in page.text
    assert any(form.action == f"{OFFICE}/sign-in" for form in forms_of(page.text, str(page.url)))
