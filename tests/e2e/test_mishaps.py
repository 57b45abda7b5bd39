"""What goes wrong on a device or too late, and how it is made good."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route

from tests.e2e.booth import Booth
from tests.e2e.look import look
from tests.e2e.test_vote import ELIGIBLE
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

FULL = """() => {
  window.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
NEWER = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("veche", 99);
  asked.onsuccess = () => {
    asked.result.close();
    indexedDB.deleteDatabase("veche").onsuccess = () => resolve("opened");
  };
  asked.onblocked = () => reject(new Error("blocked"));
})"""
AT_ONCE = """() => new MutationObserver((_, watch) => {
  if (document.querySelector("main") === null) return;
  watch.disconnect();
  location.hash = "#/receipt";
}).observe(document, { childList: true, subtree: true })"""
BESIDE_PAGES = """() => {
  window.beside = [];
  new MutationObserver((changes) => {
    const texts = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ data }) => data?.trim());
    window.beside.push(...texts.filter(({ parentNode }) => parentNode?.id === "app").map(({ data }) => data));
  }).observe(document, { childList: true, subtree: true });
}"""
CLOSED = {"status": 403, "title": "Poll closed", "type": "urn:veche:problem:poll-closed"}


@pytest.fixture(scope="module")
def poll(town: Installation) -> str:
    now = datetime.now(UTC)
    return town.publish("barnaul", opens_at=now - timedelta(seconds=50), closes_at=now + timedelta(hours=1))


def _to_the_check(booth: Booth, poll: str, person: str) -> None:
    booth.open_poll(poll)
    booth.sign_in(person)
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.see("check")


def test_a_device_without_space_says_so_and_the_answer_is_given_when_there_is_some(
    booth: Booth, poll: str
) -> None:
    booth.open_poll(poll)
    booth.sign_in(ELIGIBLE[0])
    booth.page.evaluate(FULL)
    booth.answer("Спорт")
    look(booth.page, "unable")
    booth.text("Освободите место")
    booth.page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
    booth.press(booth.words.again)
    booth.answer("Спорт")
    booth.see("question-2")


def test_a_newer_page_in_another_tab_need_not_wait_for_this_one_to_be_closed(booth: Booth, poll: str) -> None:
    booth.open_poll(poll)
    second = booth.page.context.new_page()
    second.goto(f"{booth.client}/trust.json")
    assert second.evaluate(NEWER) == "opened"
    booth.page.reload()
    booth.see("poll-open")


def test_a_ballot_that_was_not_sent_in_time_is_not_passed_over_in_silence(booth: Booth, poll: str) -> None:
    """The box keeps its own time, and may have had the ballot already: it is asked with the same bytes."""
    page = booth.page
    _to_the_check(booth, poll, ELIGIBLE[1])
    page.get_by_text("Когда отправить").click()
    page.get_by_label("позже, вручную").check()
    booth.press("Подписать и сохранить")
    booth.see("later")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=2))
    page.goto(f"{booth.client}/?poll={poll}")
    booth.see("poll-closed")
    booth.text("Бюллетень не был отправлен вовремя")
    look(page, "poll-closed.unsent")
    page.route("**/ballots", _refuse)
    page.get_by_role("link", name="Узнать, принят ли он").click()
    booth.see("poll-closed")
    booth.text("новые бюллетени не принимаются")
    assert page.get_by_role("button", name=booth.words.again).count() == 0
    page.unroute("**/ballots")
    page.reload()
    booth.see("cast")


def _refuse(route: Route) -> None:
    route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(CLOSED))


def test_a_ballot_whose_sending_broke_off_leaves_by_itself_when_the_connection_is_back(
    booth: Booth, poll: str
) -> None:
    _to_the_check(booth, poll, ELIGIBLE[2])
    booth.page.context.set_offline(offline=True)
    booth.press(booth.words.send)
    booth.see("connection-lost")
    booth.page.context.set_offline(offline=False)
    booth.see("cast")


def test_an_address_that_changes_while_the_page_is_first_shown_is_followed(booth: Booth) -> None:
    booth.page.add_init_script(f"({AT_ONCE})()")
    booth.page.goto(f"{booth.client}/")
    booth.see("receipt")


def test_no_page_is_shown_for_a_moment_with_the_code_of_another(booth: Booth) -> None:
    booth.page.add_init_script(f"({BESIDE_PAGES})()")
    booth.page.goto(f"{booth.client}/")
    booth.see("polls")
    for page, state in (("receipt", "receipt"), ("device", "device"), ("", "polls")):
        booth.page.goto(f"{booth.client}/#/{page}")
        booth.see(state)
    assert booth.page.evaluate("window.beside") == []
