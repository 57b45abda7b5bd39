"""The office by the screen: from the application for access to the result, the decision and the archive."""

import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from shared.clock import ALTAI
from tests.e2e.booth import PATIENCE, Booth
from tests.e2e.conftest import SIZES
from tests.e2e.desk import Desk
from tests.programs.installation import Installation
from tests.programs.processes import command

pytestmark = pytest.mark.e2e

OPERATOR, FIRST, SECOND = "barnaul-1", "barnaul-2", "barnaul-3"
SNILS = {OPERATOR: "000-000-601 19", FIRST: "000-000-602 20", SECOND: "000-000-603 21"}


@pytest.fixture(scope="module")
def operator(town: Installation) -> str:
    """The first operator, made on the command line; the SNILS is typed, not an argument."""
    done = subprocess.run(
        [command("veche-issuer"), "operator", "grant", "--name", "Краевой Оператор Иванович"],
        env=town.full_environment(),
        input=f"{SNILS[OPERATOR]}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    assert "is an operator until" in done.stdout
    return OPERATOR


@pytest.fixture(params=sorted(SIZES))
def desk(request: pytest.FixtureRequest, browser: Browser, town: Installation) -> Iterator[Desk]:
    """A fresh browser profile: a phone, and a desktop with a keyboard and no mouse."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
    keyboard = request.param == "desktop"
    yield Desk(context.new_page(), town.url("issuer"), request.param, keyboard=keyboard)
    context.close()


def _apply(desk: Desk, person: str, name: str, scan: Path) -> str:
    """Make an application with its scan; its number."""
    desk.open("/apply")
    desk.press("Продолжить")
    desk.says("Исправьте, пожалуйста")
    desk.looked_at("apply-mistakes")
    today = datetime.now(ALTAI).date()
    desk.choose("Муниципальное образование", "город Барнаул")
    for label, value in {
        "Полное наименование администрации": "Администрация города Барнаула",
        "Должность руководителя, который подпишет": "Глава города",
        "Фамилия и инициалы руководителя": "Примеров П. П.",
        "Фамилия, имя, отчество": name,
        "Должность": "Главный специалист",
        "СНИЛС": SNILS[person],
        "Электронная почта": "office@example.org",
        "Телефон": "+7 3852 00-00-00",
    }.items():
        desk.fill(label, value)
    desk.fill_time("Дата рождения", date(1980, 5, 6))
    desk.fill_time("С", today)
    desk.fill_time("По (включительно)", today + timedelta(days=365))
    desk.tick("Учётная запись в ЕСИА (на Госуслугах) подтверждена")
    desk.press("Продолжить")
    desk.says("Что сделать")
    number = re.sub(r"\D", "", desk.page.locator("h1").inner_text())
    with desk.page.expect_download() as download:
        desk.fetch("Скачать заявку (PDF)")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    desk.page.get_by_label("Скан подписанной заявки").set_input_files(scan)
    desk.press("Приложить скан")
    desk.says("Скан приложен")
    desk.looked_at("applied")
    return number


def _approve(desk: Desk, number: str) -> None:
    desk.open(f"/applications/{number}")
    desk.press("Принять к рассмотрению")
    desk.looked_at("application")
    desk.press("Одобрить")
    desk.says("Доступ до")


def _write_a_draft(desk: Desk, title: str) -> str:
    """A draft sent to review; its address."""
    desk.title("Голосования")
    desk.press("Новое голосование")
    desk.press("Сохранить и проверить")
    desk.says("Но прежде чем отправить на проверку")
    desk.looked_at("edit-mistakes")
    desk.fill("Название", title)
    desk.fill("Пояснение", "Администрация спрашивает жителей, каким быть скверу. Участие добровольное.")
    desk.fill("Формулировка", "Что построить в сквере?")
    desk.fill("Варианты, каждый с новой строки", "Скамейки\nФонтан\nДетскую площадку")
    desk.fill("Основание", "Постановление администрации от 1 ноября 2026 г. № 100")
    desk.fill("Куда обращаться", "Тел. 8 (3852) 00-00-00")
    desk.fill("Дней на жалобы после окончания", "0")
    desk.press("Сохранить и проверить")
    desk.says("Что будет опубликовано")
    desk.looked_at("draft")
    desk.follow("Как увидит житель")
    desk.looked_at("preview")
    desk.follow("Вернуться к черновику")
    desk.press("Отправить на проверку")
    desk.says("Ждёт второго администратора")
    return desk.page.url


def _return_it(desk: Desk, title: str) -> None:
    desk.follow(title)
    desk.unfold("Вернуть на доработку")
    desk.fill("Что исправить", "Назначьте начало на сегодня.")
    desk.press("Вернуть")
    desk.says("Назначьте начало на сегодня.")


def _open_it_now(desk: Desk, address: str, *, seconds: int) -> None:
    """Correct the dates and send it to review again. `seconds`: until the end, enough to publish and vote."""
    now = datetime.now(UTC)
    desk.page.goto(address)
    desk.follow("Править")
    desk.fill_time("Начало голосования", now - timedelta(seconds=5))
    desk.fill_time("Окончание", now + timedelta(seconds=seconds))
    desk.press("Сохранить и проверить")
    desk.says("До начала меньше 10 дней")
    desk.press("Отправить на проверку")


def _publish(desk: Desk, address: str) -> str:
    """Approve and publish; the poll's id."""
    desk.page.goto(address)
    desk.press("Всё верно, одобрить")
    desk.press("Опубликовать")
    desk.says("Выдано бюллетеней: 0")
    desk.looked_at("published")
    return desk.page.url.rpartition("/")[2]


def _vote(browser: Browser, town: Installation, poll_id: str, label: str) -> None:
    context = browser.new_context(locale="ru-RU", viewport={"width": 360, "height": 740})
    booth = Booth(context.new_page(), town.url("client"), f"{label}-office-resident")
    booth.open_poll(poll_id)
    booth.sign_in("barnaul-4")
    booth.answer("Фонтан")
    booth.send()
    booth.see("cast")
    context.close()


def _wait_for_the_result(desk: Desk) -> None:
    for _ in range(PATIENCE):
        desk.page.reload()
        if desk.page.get_by_role("heading", name="Результат").count():
            break
        desk.page.wait_for_timeout(1500)
    desk.says("Бюллетеней: 1")
    expect(desk.page.locator("dt", has_text="Фонтан").first.locator("+ dd")).to_have_text("голосов: 1")
    desk.looked_at("result")
    with desk.page.expect_download() as table:
        desk.fetch("Таблица CSV")
    assert "Фонтан;голосов;1" in table.value.path().read_text("utf-8-sig")


def _wait_for_the_archive(desk: Desk) -> None:
    step = desk.page.locator("[aria-current=step]")
    for _ in range(PATIENCE):
        desk.page.reload()
        if step.inner_text() == "Архив: ключи стёрты":
            break
        desk.page.wait_for_timeout(1500)
    expect(step).to_have_text("Архив: ключи стёрты")
    desk.says("Бюллетеней: 1")
    desk.looked_at("archived")


def _see_the_decision(browser: Browser, town: Installation, poll_id: str) -> None:
    page = browser.new_page(locale="ru-RU")
    page.goto(f"{town.url('client')}/?poll={poll_id}")
    expect(page.locator("main")).to_contain_text("Построим фонтан в 2027 году.")
    page.close()


def test_from_the_application_to_the_archive(
    desk: Desk, browser: Browser, town: Installation, operator: str, tmp_path: Path
) -> None:
    title, scan = f"Сквер на проспекте, {desk.label}", tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4\n% a signed and stamped paper\n")
    people = ((FIRST, "Первова Анна Петровна"), (SECOND, "Вторых Олег Ильич"))
    numbers = [_apply(desk, person, name, scan) for person, name in people]
    with desk.as_(operator):
        desk.follow("Заявки")
        desk.looked_at("applications")
        for number in numbers:
            _approve(desk, number)
        desk.follow("Доступ")
        desk.looked_at("officials")
    with desk.as_(FIRST):
        address = _write_a_draft(desk, title)
    begun = time.monotonic()
    with desk.as_(SECOND):
        _return_it(desk, title)
    visit = time.monotonic() - begun
    with desk.as_(FIRST):
        _open_it_now(desk, address, seconds=max(30, round(12 * visit)))
    with desk.as_(SECOND):
        poll_id = _publish(desk, address)
        _vote(browser, town, poll_id, desk.label)
        desk.page.reload()
        desk.says("Выдано бюллетеней: 1")
        _wait_for_the_result(desk)
        desk.unfold("Опубликовать решение по итогам")
        desk.fill("Что решила администрация", "Построим фонтан в 2027 году.")
        desk.press("Опубликовать решение")
        desk.says("Построим фонтан в 2027 году.")
        desk.looked_at("decided")
        _wait_for_the_archive(desk)
    _see_the_decision(browser, town, poll_id)
    with desk.as_(operator):
        desk.follow("Журнал действий")
        desk.says("опубликован")
        desk.looked_at("acts")
        desk.follow("Что система хранит о должностных лицах")
        desk.looked_at("stored")
