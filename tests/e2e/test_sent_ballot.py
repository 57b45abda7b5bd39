"""A ballot on its way: replies that are lost, a moment chosen for it, a box that lost it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route

from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import PATIENCE, Booth
from tests.e2e.test_vote import VOTERS
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e


def _lose_reply_once(page: Page, url: str) -> list[bytes]:
    """The server gets the request, the page never the answer; the bodies that were sent."""
    bodies: list[bytes] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        bodies.append(route.request.post_data_buffer or b"")
        if len(bodies) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(url, lose)
    return bodies


@pytest.mark.attack("A6")
def test_lost_replies_are_repaired_by_sending_the_same_bytes(booth: Booth, open_poll: str) -> None:
    ballots = _lose_reply_once(booth.page, "**/ballots")
    tokens = _lose_reply_once(booth.page, f"**/polls/{open_poll}/token")
    booth.open_poll(open_poll)
    booth.choose_person(next(VOTERS))
    booth.page.get_by_role("button", name="Получить бюллетень").click()
    booth.see("connection-lost")
    booth.page.get_by_role("button", name="Повторить").click()
    booth.see("question-1")
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.send()
    booth.see("connection-lost")
    booth.text("Бюллетень ещё не отправлен")
    booth.page.get_by_role("button", name="Повторить").click()
    booth.see("cast")
    assert len(tokens) == len(ballots) == 2
    assert tokens[0] == tokens[1]
    assert ballots[0] == ballots[1]


@pytest.mark.attack("A40")
def test_a_ballot_that_the_box_lost_is_sent_again_when_the_resident_says_so(
    booth: Booth, open_poll: str, town: Installation
) -> None:
    """The log is shown as it was before the ballot came."""
    page = booth.page
    manifest = page.request.get(f"{town.url('box')}/polls/{open_poll}/manifest.json").json()
    checkpoint = f"{manifest['ballot_box']['log_url']}/checkpoint"
    before = page.request.get(checkpoint).body()
    page.route(checkpoint, lambda route: route.fulfill(body=before))
    booth.open_poll(open_poll)
    booth.sign_in(next(VOTERS))
    booth.answer("Спорт")
    booth.answer("Фонтан")
    with page.expect_request(_is_ballot) as first:
        booth.send()
    booth.see("cast")
    page.get_by_role("link", name=booth.words.find).click()
    booth.see("due")
    page.get_by_text("бюллетени потерялись").click()
    booth.picture("due-send-again")
    assert violations_in_every_colour(page) == []
    with page.expect_request(_is_ballot) as second:
        booth.press("Отправить ещё раз")
    assert second.value.post_data_buffer == first.value.post_data_buffer
    booth.see("due")


def _is_ballot(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/ballots")


@pytest.mark.attack("A35")
@pytest.mark.attack("A22")
def test_a_ballot_is_sent_later_its_receipt_is_checked_from_a_file_and_the_device_is_cleared(
    booth: Booth, open_poll: str, tmp_path: Path
) -> None:
    page = booth.page
    booth.open_poll(open_poll)
    booth.sign_in(next(VOTERS))
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.see("check")
    page.get_by_text("Когда отправить").click()
    page.get_by_label("в случайный момент").check()
    assert violations_in_every_colour(page) == []
    page.get_by_role("button", name="Подписать и сохранить").click()
    booth.see("waiting")
    assert violations_in_every_colour(page) == []
    page.reload()
    booth.see("waiting")
    page.goto(f"{booth.client}/?poll={open_poll}")
    booth.see("poll-open")
    booth.text("Бюллетень ещё не отправлен")
    page.get_by_role("link", name="Отправить сейчас").click()
    booth.see("cast")
    with page.expect_download() as download:
        page.get_by_role("button", name="Сохранить квитанцию").click()
    download.value.save_as(tmp_path / "receipt.json")
    page.goto(f"{booth.client}/#/device/clear")
    booth.see("clear")
    assert violations_in_every_colour(page) == []
    page.get_by_label("Понимаю").check()
    page.get_by_role("button", name="Очистить").click()
    booth.see("device-empty")
    page.goto(f"{booth.client}/#/receipt")
    booth.see("receipt")
    forged = json.loads((tmp_path / "receipt.json").read_text()) | {"leaf_hash": "0" * 64}
    (tmp_path / "forged.json").write_text(json.dumps(forged, separators=(",", ":"), sort_keys=True))
    (tmp_path / "other.json").write_text("[]")
    for name, state in (("other", "receiptUnreadable"), ("forged", "receiptForged")):
        page.get_by_label("Файл квитанции").set_input_files(tmp_path / f"{name}.json")
        booth.see(f"receipt-{state}")
        assert violations_in_every_colour(page) == []
    for _ in range(PATIENCE):
        page.get_by_label("Файл квитанции").set_input_files(tmp_path / "receipt.json")
        page.locator("main[data-state=found], main[data-state=due]").wait_for()
        if page.locator("main[data-state=found]").is_visible():
            break
        page.wait_for_timeout(500)
        page.get_by_label("Файл квитанции").set_input_files([])
    booth.see("found")
    assert violations_in_every_colour(page) == []
