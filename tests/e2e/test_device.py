"""What a browser keeps: two residents on one, a copy carried to another, a browser that keeps nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import Booth
from tests.e2e.test_vote import ELIGIBLE
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

GRANDMOTHER, GRANDFATHER, NEIGHBOUR = ELIGIBLE[:3]
PASSPHRASES = {GRANDMOTHER: "сосна у реки", GRANDFATHER: "белый гусь", NEIGHBOUR: "старый мост 7"}
READ_ALL = """async () => {
  const done = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  const db = await done(indexedDB.open("veche"));
  const all = {};
  for (const store of db.objectStoreNames) {
    all[store] = JSON.stringify(await done(db.transaction(store).objectStore(store).getAll()));
  }
  db.close();
  return all;
}"""


@pytest.fixture(scope="module")
def poll(town: Installation) -> str:
    now = datetime.now(UTC)
    return town.publish("barnaul", opens_at=now - timedelta(seconds=30), closes_at=now + timedelta(hours=1))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    yield context
    context.close()


@pytest.fixture
def booth(context: BrowserContext, town: Installation) -> Booth:
    return Booth(context.new_page(), town.url("client"), "phone")


def _passphrase(booth: Booth, person: str, button: str) -> None:
    fields = booth.page.locator(".field input")
    for number in range(fields.count()):
        fields.nth(number).fill(PASSPHRASES[person])
    booth.page.get_by_role("button", name=button).click()


def _begin(booth: Booth, poll: str, person: str) -> None:
    """On a shared device, up to the first question."""
    booth.open_poll(poll)
    booth.page.get_by_label("Этим устройством пользуюсь не только я").check()
    booth.page.get_by_role("button", name="Войти через Госуслуги").click()
    booth.see("protect")
    assert violations_in_every_colour(booth.page) == []
    _passphrase(booth, person, "Перейти ко входу")
    booth.page.locator(f"button[value={person}]").click()
    booth.take_ballot()


def _leave(booth: Booth) -> None:
    booth.page.get_by_role("link", name="Выйти").click()
    booth.see("lock")
    assert violations_in_every_colour(booth.page) == []
    booth.page.get_by_role("button", name="Закрыть доступ и выйти").click()
    booth.see("locked")


def _come_back(booth: Booth, person: str) -> None:
    booth.page.goto(f"{booth.client}/#/device/unlock")
    booth.see("unlock")
    _passphrase(booth, person, "Открыть")


def _kept(booth: Booth) -> dict[str, str]:
    kept: dict[str, str] = booth.page.evaluate(READ_ALL)
    return kept


@pytest.mark.attack("A35")
def test_two_residents_share_a_browser_and_neither_sees_or_spends_the_other_ones_ballot(
    booth: Booth, poll: str, context: BrowserContext
) -> None:
    page = booth.page
    _begin(booth, poll, GRANDMOTHER)
    booth.answer("Спорт")
    booth.see("question-2")
    hers = json.loads(_kept(booth)["votes"])[0]["key"]
    _leave(booth)
    _begin(booth, poll, GRANDFATHER)
    assert not page.get_by_label("Спорт").is_checked()
    kept = _kept(booth)
    assert len(json.loads(kept["votes"])) == 1
    assert json.dumps(hers, separators=(",", ":")) not in "".join(kept.values())
    booth.answer("Прогулки")
    booth.answer("Фонтан")
    booth.send()
    booth.see("cast")
    _leave(booth)
    booth.open_poll(poll)
    booth.text("Войти через Госуслуги")
    _come_back(booth, NEIGHBOUR)
    booth.text("пароль другой")
    assert violations_in_every_colour(page) == []
    _come_back(booth, GRANDMOTHER)
    booth.see("polls")
    page.goto(f"{booth.client}/#/poll/{poll}/question/1")
    booth.see("question-1")
    assert page.get_by_label("Спорт").is_checked()
    booth.answer()
    booth.answer("Скамейки")
    booth.send()
    booth.see("cast")
    page.close()
    other = Booth(context.new_page(), booth.client, "phone")
    other.open_poll(poll)
    other.text("Войти через Госуслуги")
    assert json.loads(_kept(other)["votes"]) == []
    _come_back(other, GRANDFATHER)
    other.see("polls")
    other.page.goto(f"{booth.client}/#/poll/{poll}")
    other.text("Бюллетень принят")
    other.page.clock.install()
    other.page.reload()
    other.text("Бюллетень принят")
    other.page.clock.fast_forward("10:40")
    other.see("polls")
    assert json.loads(_kept(other)["votes"]) == []


@pytest.mark.attack("A6")
def test_a_copy_is_opened_by_any_jose_library_and_the_vote_goes_on_elsewhere(
    booth: Booth, poll: str, browser: Browser, tmp_path: Path
) -> None:
    page = booth.page
    booth.open_poll(poll)
    booth.sign_in(NEIGHBOUR)
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.see("check")
    page.get_by_text("Когда отправить").click()
    page.get_by_label("позже, вручную").check()
    page.get_by_role("button", name="Подписать и сохранить").click()
    booth.see("later")
    page.get_by_label("не короче").fill("short")
    page.get_by_role("button", name="Сохранить файл").click()
    booth.text("Пароль слишком короткий")
    assert violations_in_every_colour(page) == []
    with page.expect_download() as download:
        _passphrase(booth, NEIGHBOUR, "Сохранить файл")
    booth.text("Копия сохранена")
    download.value.save_as(tmp_path / "copy.jwe")
    key = OctKey.import_key(PASSPHRASES[NEIGHBOUR])
    opened = jwe.decrypt_compact((tmp_path / "copy.jwe").read_bytes(), key, ["PBES2-HS512+A256KW", "A256GCM"])
    assert opened.plaintext is not None
    assert len(opened.plaintext) == 16_384
    [vote] = json.loads(opened.plaintext)["votes"]
    assert (vote["at"], vote["poll_id"]) == ("sending", poll)
    elsewhere = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU")
    second = Booth(elsewhere.new_page(), booth.client, "desktop")
    second.page.goto(f"{booth.client}/#/device/restore")
    second.see("restore")
    assert violations_in_every_colour(second.page) == []
    second.page.get_by_label("Файл копии").set_input_files(tmp_path / "copy.jwe")
    _passphrase(second, GRANDMOTHER, "Перенести")
    second.text("пароль другой")
    _passphrase(second, NEIGHBOUR, "Перенести")
    second.see("polls")
    second.page.goto(f"{booth.client}/#/poll/{poll}/send")
    second.see("cast")
    elsewhere.close()
    page.goto(f"{booth.client}/#/poll/{poll}/send")
    booth.see("cast")
