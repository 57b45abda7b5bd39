"""What a device keeps after a vote: enough to read the receipt without a connection, and no name."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from issuer.esia_stand.residents import RESIDENTS
from tests.e2e.booth import Booth
from tests.e2e.storage import everything_kept
from tests.e2e.test_vote import ELIGIBLE
from tests.planted import traces
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

READY = """async () => {
  const workers = navigator.serviceWorker;
  await workers.ready;
  if (workers.controller !== null) return;
  await new Promise((done) => workers.addEventListener("controllerchange", done, {once: true}));
}"""


@pytest.mark.attack("A49")
def test_after_a_vote_the_page_opens_without_a_connection_to_the_receipt(
    browser: Browser, town: Installation
) -> None:
    now = datetime.now(UTC)
    poll = town.publish("region", opens_at=now - timedelta(seconds=60), closes_at=now + timedelta(hours=1))
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    booth = Booth(context.new_page(), town.url("client"), "phone-offline")
    booth.open_poll(poll)
    booth.sign_in(ELIGIBLE[3])
    booth.answer("Суббота")
    booth.send()
    booth.see("cast")
    booth.page.evaluate(READY)
    _keeps_nobody(booth, poll)
    context.set_offline(offline=True)
    booth.page.goto(f"{booth.client}/")
    booth.see("connection-lost")
    booth.page.get_by_role("link", name="В какой день проводить краевую ярмарку").click()
    booth.see("cast")
    booth.page.get_by_role("button", name="Показать квитанцию").click()
    assert len(booth.page.locator("main code").inner_text()) == 64
    booth.page.reload()
    booth.see("cast")
    booth.page.get_by_role("link", name="Найти мой бюллетень").click()
    booth.see("connection-lost")
    context.set_offline(offline=False)
    booth.page.get_by_role("button", name="Повторить").click()
    booth.page.locator("main[data-state=found], main[data-state=due]").wait_for()
    context.close()


def test_a_file_that_is_opened_by_its_address_does_not_take_the_place_of_the_page(
    browser: Browser, town: Installation
) -> None:
    context = browser.new_context(locale="ru-RU")
    booth = Booth(context.new_page(), town.url("client"), "phone-offline")
    booth.page.goto(f"{booth.client}/")
    booth.page.evaluate(READY)
    assert "veche/trust/v1" in booth.page.goto(f"{booth.client}/trust.json").text()  # type: ignore[union-attr]
    context.set_offline(offline=True)
    assert "veche/trust/v1" in booth.page.goto(f"{booth.client}/trust.json").text()  # type: ignore[union-attr]
    booth.page.goto(f"{booth.client}/")
    booth.see("connection-lost")
    context.close()


def _keeps_nobody(booth: Booth, poll: str) -> None:
    """The vote is there, the page's own files are there, no resident is; one who were would be found."""
    kept = everything_kept(booth.page)
    assert poll.encode() in kept
    assert b"<!doctype html>" in kept
    assert traces(kept) == set()
    booth.page.evaluate("name => sessionStorage.setItem('planted', name)", RESIDENTS[0].name)
    assert traces(everything_kept(booth.page)) != set()
