"""The real client in a real browser, from sign-in to the result."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CalledProcessError
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Route

from issuer.esia_stand.residents import RESIDENTS
from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import PATIENCE, Booth
from tests.e2e.look import look
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

ELIGIBLE = [
    person.id for person in RESIDENTS if person.expected == {"barnaul": "eligible", "region": "eligible"}
]
VOTERS = iter(ELIGIBLE)
"""One after the other, for polls that several tests share, also those of another file."""
ANYBODY = ELIGIBLE[0]
"""For a poll of the test's own, or where no token is asked for."""
SLUGS = (
    "account-deleted",
    "account-not-confirmed",
    "address-not-recognised",
    "not-resident",
    "registration-missing",
    "too-young",
)


def _refused(slug: str) -> str:
    return next(person.id for person in RESIDENTS if person.expected["barnaul"] == slug)


def _vote_in_time(booth: Booth, town: Installation) -> tuple[str, datetime]:
    """A vote in a poll that closes soon, or less soon where the machine was too slow: its id and its end."""
    for seconds in (25, 100, 400):
        now = datetime.now(UTC)
        closes_at = now + timedelta(seconds=seconds)
        try:
            poll = town.publish(
                "region",
                opens_at=now - timedelta(seconds=1),
                closes_at=closes_at,
                minimum_participants=1,
                sealing="automatic" if booth.label == "desktop" else None,
            )
            _vote(booth, poll)
        except (AssertionError, PlaywrightError, CalledProcessError):
            if datetime.now(UTC) < closes_at:
                raise
        else:
            return poll, closes_at
    raise AssertionError("not even in minutes")


def _vote(booth: Booth, poll: str) -> None:
    booth.page.goto(f"{booth.client}/")
    booth.see("polls")
    booth.open_poll(poll)
    assert ("но не от оператора" in booth.page.content()) == (booth.label == "desktop")
    booth.sign_in(ANYBODY)
    booth.page.get_by_role("button", name="Далее").click()
    booth.text("Выберите ответ, чтобы продолжить")
    booth.answer("Суббота")
    booth.send()
    booth.see("cast")


@pytest.mark.attack("A4")
@pytest.mark.attack("A36")
def test_a_resident_signs_in_votes_finds_the_ballot_and_sees_the_result(
    booth: Booth, town: Installation, tmp_path: Path
) -> None:
    """On a phone the poll is open, at the desktop sealed: nobody who votes sees a difference."""
    poll, closes_at = _vote_in_time(booth, town)
    with booth.page.expect_download() as download:
        booth.page.get_by_role("button", name="Сохранить квитанцию").click()
    download.value.save_as(tmp_path / "receipt.json")
    booth.find_ballot()
    booth.page.wait_for_timeout(max(0, (closes_at - datetime.now(UTC)).total_seconds() * 1000))
    for _ in range(PATIENCE):
        booth.page.goto(f"{booth.client}/?poll={poll}")
        booth.see("poll-closed")
        if booth.page.get_by_role("heading", name="Результат").is_visible():
            break
        booth.page.wait_for_timeout(500)
    booth.text("Учтено бюллетеней: 1")
    look(booth.page, "poll-closed")
    row = booth.page.get_by_role("row").filter(has_text="Суббота")
    assert "1 (100" in row.inner_text()
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert receipt["poll_id"] == poll
    booth.page.get_by_role("link", name="Проверить подсчёт").click()
    booth.check_count("verified")
    assert booth.page.locator("li[data-check=receipts]").get_attribute("data-status") == "PASS"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_refusal_says_why_and_what_to_do(
    booth: Booth, open_poll: str, town: Installation, slug: str
) -> None:
    booth.open_poll(open_poll)
    booth.choose_person(_refused(slug))
    booth.page.wait_for_url(lambda url: not url.startswith(town.url("stand")))
    if not booth.page.url.startswith(booth.client):
        booth.picture(f"issuer-{slug}")
        booth.page.locator("form button").first.click()
    booth.see(slug)
    assert len(booth.page.locator("main .notice").inner_text()) > 40


def test_a_second_device_of_the_same_person_is_refused(
    booth: Booth, open_poll: str, town: Installation
) -> None:
    person = next(VOTERS)
    booth.open_poll(open_poll)
    booth.sign_in(person)
    context = booth.page.context.browser.new_context(locale="ru-RU")  # type: ignore[union-attr]
    second = Booth(context.new_page(), booth.client, f"{booth.label}-second")
    second.open_poll(open_poll)
    second.choose_person(person)
    second.page.get_by_role("button", name="Получить бюллетень").click()
    second.see("token-already-issued")
    context.close()


def test_reload_and_back_lose_nothing(booth: Booth, open_poll: str) -> None:
    booth.open_poll(open_poll)
    booth.sign_in(next(VOTERS))
    booth.page.reload()
    booth.see("question-1")
    booth.answer("Спорт")
    booth.see("question-2")
    booth.page.go_back()
    booth.see("question-1")
    assert booth.page.get_by_label("Спорт").is_checked()
    booth.answer()
    booth.answer("Воздержаться")
    booth.see("check")
    booth.page.reload()
    booth.see("check")
    booth.page.get_by_role("link", name="Изменить ответ: Для чего").click()
    booth.answer("Игры с детьми")
    booth.answer()
    booth.text("Игры с детьми")
    booth.send()
    booth.see("cast")
    booth.page.goto(f"{booth.client}/?poll={open_poll}")
    booth.text("Бюллетень принят")


def test_a_vote_by_keyboard_alone(booth: Booth, open_poll: str) -> None:
    booth.open_poll(open_poll)
    booth.sign_in(next(VOTERS))
    press = booth.page.keyboard.press
    press("Tab")
    press("Space")
    press("Enter")
    booth.see("question-2")
    press("Tab")
    press("Space")
    press("Enter")
    booth.see("check")
    for _ in range(4):
        press("Tab")
    press("Enter")
    booth.see("cast")


@pytest.mark.attack("A38")
def test_a_manifest_of_strange_keys_is_refused(booth: Booth, open_poll: str) -> None:
    def swap(route: Route) -> None:
        trust = route.fetch().json()
        trust["issuers"][0]["statement_key"] = "A" * 43
        route.fulfill(body=json.dumps(trust, ensure_ascii=False, separators=(",", ":"), sort_keys=True))

    booth.page.route("**/trust.json", swap)
    booth.page.goto(f"{booth.client}/?poll={open_poll}")
    booth.see("untrusted")
    assert booth.page.get_by_role("button", name="Войти").count() == 0


@pytest.mark.attack("A32")
def test_a_poll_outside_of_the_catalogue_is_refused_before_anything_is_blinded(
    booth: Booth, open_poll: str
) -> None:
    asked: list[str] = []
    booth.page.on("request", lambda request: asked.append(request.url))
    booth.page.route("**/log/catalogue/tile/**", _blank)
    booth.open_poll(open_poll)
    booth.choose_person(ANYBODY)
    booth.page.get_by_role("button", name="Получить бюллетень").click()
    booth.see("untrusted")
    assert any("/log/catalogue/tile/" in url for url in asked)
    assert not any(url.endswith(f"/polls/{open_poll}/token") for url in asked)


@pytest.mark.attack("A31")
@pytest.mark.parametrize(
    ("wrong", "state"),
    [({"iss": "https://corrupt.example"}, "sign-in-expired"), ({"state": "0" * 43}, "polls")],
)
def test_an_answer_of_another_issuer_or_sign_in_gives_its_code_to_nobody(
    booth: Booth, open_poll: str, town: Installation, wrong: dict[str, str], state: str
) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        query = dict(parse_qsl(urlsplit(route.request.url).query))
        members = {"code": "x" * 43, "state": query["state"], "iss": town.url("issuer"), **wrong}
        location = f"{query['redirect_uri']}#{urlencode(members)}"
        route.fulfill(status=303, headers={"Location": location})

    booth.page.route("**/oauth/authorize?*", answer)
    booth.page.on("request", lambda request: asked.append(request.url))
    booth.open_poll(open_poll)
    booth.page.get_by_role("button", name="Войти через Госуслуги").click()
    booth.see(state)
    assert any("/oauth/authorize?" in url for url in asked)
    assert not any(url.endswith("/oauth/token") for url in asked)


def _blank(route: Route) -> None:
    route.fulfill(response=route.fetch(), body=bytes(32))


def test_other_polls_are_offered_unticked_and_one_sign_in_gives_both_ballots(
    booth: Booth, open_poll: str, town: Installation
) -> None:
    now = datetime.now(UTC)
    other = town.publish("fair", opens_at=now - timedelta(seconds=70), closes_at=now + timedelta(hours=2))
    booth.open_poll(open_poll)
    booth.choose_person(next(VOTERS))
    booth.page.get_by_role("button", name=booth.words.take).wait_for()
    wanted, *others = booth.page.locator("input[type=checkbox]").all()
    assert wanted.is_checked()
    assert not any(box.is_checked() for box in others)
    booth.page.locator(f"label[for='poll-{other}']").click()
    booth.take_ballot()
    booth.page.goto(f"{booth.client}/#/poll/{other}")
    booth.page.get_by_role("link", name="Продолжить").click()
    booth.see("question-1")
    booth.text("Какой день вам удобнее?")


def test_ranking_scoring_and_a_changed_vote(booth: Booth, town: Installation) -> None:
    now = datetime.now(UTC)
    opens_at, closes_at = now - timedelta(seconds=1), now + timedelta(hours=2)
    poll = town.publish("fair", opens_at=opens_at, closes_at=closes_at, revoting=True)
    page = booth.page
    booth.open_poll(poll)
    booth.sign_in(ANYBODY)
    booth.answer()
    booth.text("Расставьте от 1 до 3 ответов")
    for day in ("Суббота", "Воскресенье", "Пятница"):
        page.get_by_role("button", name=day).click()
    page.get_by_role("button", name="Выше: Пятница").click()
    page.get_by_role("button", name="Убрать: Воскресенье").click()
    booth.picture("ranking")
    booth.answer()
    booth.see("question-2")
    booth.answer()
    booth.text("Поставьте оценку в каждой строке")
    for row, score in (("Овощи и фрукты", "5"), ("Мёд", "3"), ("Саженцы", "1")):
        page.get_by_role("group", name=row).get_by_label(score, exact=True).check()
    booth.picture("scores")
    booth.answer()
    booth.text("1. Суббота")
    booth.text("2. Пятница")
    booth.text("Овощи и фрукты: 5")
    assert violations_in_every_colour(page) == []
    booth.send()
    booth.see("cast")
    page.goto(f"{booth.client}/?poll={poll}")
    page.get_by_role("button", name="Изменить голос").click()
    booth.see("question-1")
    page.goto(f"{booth.client}/?poll={poll}")
    booth.text("считается прежний")
    page.get_by_role("button", name="Оставить прежний голос").click()
    booth.see("cast")
    page.goto(f"{booth.client}/?poll={poll}")
    page.get_by_role("button", name="Изменить голос").click()
    page.get_by_role("button", name="Воскресенье").click()
    booth.answer()
    booth.answer("Воздержаться")
    booth.text("После отправки голос можно изменить")
    booth.send()
    booth.see("cast")
    booth.find_ballot()
