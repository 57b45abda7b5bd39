"""Every page of the client in its states: both themes, every scheme, zoomed, in large letters, on paper."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from shared.statements import Statement
from tests.e2e.booth import Booth, until
from tests.e2e.look import look
from tests.e2e.test_vote import ELIGIBLE
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

PASSPHRASE = "сосна у реки"


@pytest.fixture(scope="module")
def poll(town: Installation) -> str:
    now = datetime.now(UTC)
    return town.publish("barnaul", opens_at=now - timedelta(seconds=90), closes_at=now + timedelta(hours=1))


@pytest.fixture
def booth(browser: Browser, town: Installation) -> Iterator[Booth]:
    context = browser.new_context(locale="ru-RU", reduced_motion="reduce", service_workers="block")
    yield Booth(context.new_page(), town.url("client"), "phone")
    context.close()


def _type(page: Page, passphrase: str, button: str) -> None:
    for field in page.locator(".field input").all():
        field.fill(passphrase)
    page.get_by_role("button", name=button).click()


def _lost(route: Route) -> None:
    route.abort()


def test_the_pages_of_a_vote(booth: Booth, poll: str) -> None:
    page = booth.page
    page.goto(f"{booth.client}/")
    look(page, "polls")
    booth.open_poll(poll)
    look(page, "poll-open")
    page.get_by_label("Этим устройством").check()
    booth.press(booth.words.vote)
    booth.see("protect")
    booth.press("Перейти ко входу")
    look(page, "protect.mistake")
    _type(page, PASSPHRASE, "Перейти ко входу")
    page.locator(f"button[value={ELIGIBLE[4]}]").click()
    page.route("**/polls/*/token", _lost)
    booth.press(booth.words.take)
    look(page, "connection-lost")
    page.unroute("**/polls/*/token")
    booth.press(booth.words.again)
    booth.see("question-1")
    booth.answer()
    look(page, "question-1.mistake")
    booth.answer("Спорт")
    booth.see("question-2")
    page.get_by_label("Фонтан").check()
    look(page, "question-2")
    booth.answer()
    booth.see("check")
    page.get_by_text("Когда отправить").click()
    look(page, "check")
    page.get_by_label("позже, вручную").check()
    booth.press("Подписать и сохранить")
    look(page, "later")
    page.get_by_role("link", name="Продолжить без копии").click()
    look(page, "poll-open.unsent")
    page.route("**/ballots", _lost)
    page.get_by_role("link", name="Отправить сейчас").click()
    look(page, "connection-lost.unsent")
    page.unroute("**/ballots")
    booth.press(booth.words.again)
    booth.see("cast")
    booth.press("Показать квитанцию")
    look(page, "cast")
    booth.find_ballot()
    look(page, "found")
    booth.open_poll(poll)
    look(page, "poll-open.cast")


def test_the_pages_of_a_device(booth: Booth, poll: str, tmp_path: Path) -> None:
    page = booth.page
    page.goto(f"{booth.client}/#/device/clear")
    look(page, "device-empty")
    booth.open_poll(poll)
    booth.sign_in(ELIGIBLE[5])
    for task in ("copy", "restore", "clear", "lock"):
        page.goto(f"{booth.client}/#/device/{task}")
        look(page, task)
    _type(page, PASSPHRASE, "Закрыть доступ и выйти")
    look(page, "locked")
    page.goto(f"{booth.client}/#/device/unlock")
    booth.see("unlock")
    _type(page, "another one", "Открыть")
    booth.text("пароль другой")
    look(page, "unlock.mistake")
    page.goto(f"{booth.client}/#/device")
    look(page, "device")
    page.goto(f"{booth.client}/#/receipt")
    booth.see("receipt")
    (tmp_path / "other.json").write_text("[]")
    page.get_by_label("Файл квитанции").set_input_files(tmp_path / "other.json")
    look(page, "receipt-receiptUnreadable")
    page.goto(f"{booth.client}/#/poll/{poll}/refused/not-resident")
    look(page, "not-resident")
    page.goto(f"{booth.client}/#/nowhere")
    look(page, "unknown")


def test_the_pages_of_a_poll_that_is_to_come_and_is_cancelled(
    booth: Booth, town: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    poll = town.publish("region", opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    booth.page.goto(f"{booth.client}/?poll={poll}")
    look(booth.page, "poll-soon")
    booth.text("Голосование ещё не началось")
    file = tmp_path / "cancellation.json"
    said = {"ru": "Постановление отменено судом.", "en": "The court annulled the order."}
    file.write_bytes(Statement("cancellation", bytes.fromhex(poll), said).encoded)
    town.run("veche-issuer", "poll", "countersign", "--yes", "cancellation", str(file))
    booth.page.reload()
    booth.text(said["ru"])
    look(booth.page, "poll-soon.cancelled")
    expect(booth.page.get_by_text("Опубликовано в журнале").locator("+ dd")).to_have_text("0")
    assert not booth.page.get_by_text("Голосовать можно до").is_visible()
    booth.page.goto(f"{booth.client}/")
    card = booth.page.locator(".card").filter(has=booth.page.locator(f"a[href*='{poll}']"))
    expect(card).to_contain_text("Голосование отменено")


def test_the_version_for_the_visually_impaired_is_kept_on_the_device(booth: Booth, poll: str) -> None:
    page = booth.page
    booth.open_poll(poll)
    page.get_by_role("button", name="Версия для слабовидящих").click()
    look(page, "poll-open.panel")
    before = page.locator("h1").evaluate("h1 => parseFloat(getComputedStyle(h1).fontSize)")
    for name in ("Огромный", "Жёлтым по чёрному", "С засечками", "Большие"):
        page.get_by_label(name).check()
    page.reload()
    booth.see("poll-open")
    style = page.locator("h1").evaluate(
        "h1 => { const s = getComputedStyle(h1); return [parseFloat(s.fontSize), s.color, s.fontFamily]; }"
    )
    assert style[0] > 1.7 * before
    assert style[1] == "rgb(255, 225, 77)"
    assert "serif" in style[2]
    booth.picture("poll-open.huge")
    page.get_by_role("button", name="Версия для слабовидящих").click()
    page.get_by_role("button", name="Обычная версия").click()
    page.reload()
    booth.see("poll-open")
    assert page.evaluate("JSON.stringify({...document.documentElement.dataset})") == "{}"


def test_what_changes_is_announced_and_the_heading_takes_the_focus(booth: Booth, poll: str) -> None:
    page = booth.page
    page.goto(f"{booth.client}/")
    booth.see("polls")
    expect(page.locator("h1")).to_be_focused()
    news = page.get_by_role("status").first
    held: list[Route] = []
    page.route(f"**/polls/{'0' * 64}/*", lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{booth.client}/#/poll/{'0' * 64}")
    expect(news).to_have_text("Загружаем…")
    until(page, lambda: held)
    expect(news).to_have_text("Загружаем…")
    page.unroute_all()  # which lets go what is held
    page.locator("main[data-state=poll-unknown]").wait_for()
    expect(page.locator("h1")).to_be_focused()
    expect(news).to_have_text("")


def test_the_list_begins_with_what_is_open_and_is_narrowed_to_a_municipality(
    booth: Booth, poll: str, town: Installation
) -> None:
    now, page = datetime.now(UTC), booth.page
    opens_at, closes_at = now + timedelta(days=1), now + timedelta(days=2)
    town.publish("barnaul", opens_at=opens_at, closes_at=closes_at, territory=["01705000"])
    page.goto(f"{booth.client}/")
    booth.see("polls")
    shown = page.locator(".card .tag").all_inner_texts()
    ahead = {"Идёт": 0, "Скоро": 1}
    assert shown == sorted(shown, key=lambda tag: ahead.get(tag, 2))
    page.get_by_label("Где вы живёте").select_option(label="город Бийск")
    cards = page.locator(".card")
    expect(cards.filter(has_text="город Бийск").first).to_contain_text("Начало:")
    expect(cards.filter(has_text="город Барнаул")).to_have_count(0)


def test_a_page_whose_code_never_comes_says_what_may_help(booth: Booth) -> None:
    booth.page.route("**/assets/*.js", _lost)
    booth.page.goto(f"{booth.client}/", wait_until="commit")
    hint = booth.page.get_by_text("Страница долго не открывается?")
    expect(hint).to_be_hidden()
    booth.page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(hint).to_be_visible()


def test_with_forced_colours_and_on_paper_nothing_is_lost(booth: Booth, poll: str) -> None:
    page = booth.page
    page.goto(f"{booth.client}/#/poll/{poll}")
    booth.see("poll-open")
    page.emulate_media(forced_colors="active")
    booth.picture("poll-open.forced")
    page.emulate_media(forced_colors="none", media="print")
    assert not page.get_by_role("button", name=booth.words.vote).is_visible()
    assert page.get_by_role("heading", name="Вопросы").is_visible()
    booth.picture("poll-open.print")


@pytest.mark.parametrize("refused", ["indexedDB", "localStorage"])
def test_a_browser_that_stores_nothing_says_what_to_do(booth: Booth, poll: str, refused: str) -> None:
    refuse = "{get() { throw new DOMException('', 'SecurityError'); }}"
    booth.page.add_init_script(f"Object.defineProperty(window, '{refused}', {refuse})")
    booth.open_poll(poll)
    if refused == "localStorage":
        assert booth.page.get_by_role("button", name=booth.words.vote).is_visible()
        return
    booth.text("Этот браузер не подходит для голосования")
    booth.text("в обычном окне")
    look(booth.page, "poll-open.unable")
