"""The pages as such: headers, languages, words, text of others in them."""

import re
from html.parser import HTMLParser
from string import Formatter

import httpx
import pytest

from issuer.oauth.messages import ADVICE, MESSAGES
from issuer.oauth.views import refusal_view
from shared.db import write
from shared.web.problems import PROBLEMS
from tests.issuer.oauth.town import Town, WebClient, form_of, fragment
from tests.issuer.office import CLIENT_URL, ISSUER_URL, sample_draft

SIGN_IN = f"{ISSUER_URL}/signin"
SLUGS = [
    "account-not-confirmed", "account-deleted", "registration-missing", "address-not-recognised",
    "address-not-verified", "not-resident", "too-young", "poll-closed", "poll-not-open", "poll-unknown",
    "sign-in-expired",
]  # fmt: skip


@pytest.fixture
def page(town: Town) -> httpx.Response:
    """The page on which a resident chooses."""
    return WebClient(town, [town.barnaul]).page("barnaul-1")


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    assert MESSAGES["ru"].keys() == MESSAGES["en"].keys()
    assert ADVICE["ru"].keys() == ADVICE["en"].keys()
    for key, text in MESSAGES["ru"].items():
        assert fields(text) == fields(MESSAGES["en"][key]), key
    for slug, advice in ADVICE["ru"].items():
        english = ADVICE["en"][slug]
        assert fields(advice.why) == fields(english.why)
        assert [fields(step) for step in advice.steps] == [fields(step) for step in english.steps], slug


def test_russian_pages_have_no_english_words() -> None:
    words = [text for key, text in MESSAGES["ru"].items() if key != "switch"]
    words += [text for advice in ADVICE["ru"].values() for text in (advice.title, advice.why, *advice.steps)]
    for text in words:
        assert not re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", "", text)), text


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_refusal_of_a_sign_in_says_what_to_do(town: Town, slug: str, language: str) -> None:
    assert slug in {kind.slug for kind in PROBLEMS}
    view = refusal_view(slug, "en" if language == "en" else "ru", town.barnaul)
    assert view.title
    assert view.steps
    assert not any("{" in text for text in (view.why, *view.steps))


def test_words_that_need_a_poll_fall_out_without_one() -> None:
    assert refusal_view("too-young", "ru").why == refusal_view("too-young", "ru").sentence
    assert len(refusal_view("address-not-recognised", "ru").steps) == 2


def test_every_age_has_its_plural(town: Town) -> None:
    young = town.office.publish(sample_draft(minimum_age=21))
    assert "уже 18 лет" in refusal_view("too-young", "ru", town.barnaul).why
    assert "уже 21 год" in refusal_view("too-young", "ru", young).why


def test_pages_run_nothing_and_load_nothing_of_others(page: httpx.Response) -> None:
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert f"form-action 'self' {CLIENT_URL} http://127.0.0.2:8000" in policy
    assert "script" not in page.text
    assert "style=" not in page.text
    for name, value in {
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Content-Language": "ru",
    }.items():
        assert page.headers[name] == value


def test_the_style_sheet_is_ours(town: Town, page: httpx.Response) -> None:
    address = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert address == ["/oauth/static/sign-in.css"]
    answer = town.http.get(ISSUER_URL + address[0])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


class Labels(HTMLParser):
    """Which inputs have labels."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs, self.labels = set[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and given.get("type") != "hidden":
            self.inputs.add(given["id"])
        if tag == "label":
            self.labels.add(given["for"])


def test_every_box_has_its_label(page: httpx.Response) -> None:
    labels = Labels()
    labels.feed(page.text)
    assert labels.inputs == labels.labels
    assert len(labels.inputs) == 2


def test_english_is_kept_from_the_first_request_on(town: Town) -> None:
    client = WebClient(town, [town.barnaul], {"lang": "en"})
    page = client.page("barnaul-1")
    assert page.headers["Content-Language"] == "en"
    assert "Confirm that you take part" in page.text
    assert "Until 23 November 2026, 20:00\u00a0(UTC+7)" in page.text


def test_the_language_can_be_switched_and_stays(town: Town) -> None:
    client = WebClient(town, [town.barnaul])
    client.page("barnaul-1")
    page = client.browser.get(f"{SIGN_IN}?lang=en")
    assert "Get the ballot" in page.text
    fields = [field for field in form_of(page).fields if field[0] != "poll"]
    again = client.browser.post(form_of(page).action, [*fields, ("action", "get")])
    assert "Tick at least one poll" in again.text
    assert "code" in fragment(client.submit(again))


@pytest.mark.parametrize("lang", ["de", "", "ru'"])
def test_an_unknown_language_is_russian(town: Town, lang: str) -> None:
    answer = town.browser().get(f"{SIGN_IN}?lang={lang}")
    assert answer.headers["Content-Language"] == "ru"


def test_the_browsers_language_counts(town: Town) -> None:
    answer = town.http.get(SIGN_IN, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert "The sign-in was not finished" in answer.text


@pytest.mark.attack("A26")
def test_titles_and_contacts_are_text(town: Town) -> None:
    evil = "<script>alert(1)</script>{contact}"
    poll = town.office.publish(sample_draft(title={"ru": evil}, contact=evil))
    for person in ("barnaul-1", "unknown-street"):
        text = WebClient(town, [poll]).page(person).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_a_failure_is_a_page_and_tells_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("00000060119")

    monkeypatch.setattr("issuer.oauth.routes.take_answer", fail)
    client = WebClient(town, [town.barnaul])
    page = client.browser.get(client.esia_answer("barnaul-1"))
    assert page.status_code == 500
    assert "ошибка на нашей стороне" in page.text
    output = page.text + "".join(capsys.readouterr())
    assert "00000060119" not in output
    assert "RuntimeError" in output


@pytest.mark.sqlite
def test_a_database_that_fails_is_for_a_while(town: Town) -> None:
    with write(town.office.engine) as conn:
        conn.exec_driver_sql("ALTER TABLE sign_in RENAME TO gone")
    page = WebClient(town, [town.barnaul]).begin()
    assert page.status_code == 503
    assert "временно недоступен" in page.text
