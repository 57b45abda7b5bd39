"""The list of polls, as a box may give it: long, or with polls that do not verify."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.booth import Booth
from tests.e2e.look import look
from tests.programs.installation import Installation

pytestmark = pytest.mark.e2e

UNKNOWN = [f"{number:064x}" for number in range(49)]


@pytest.fixture(scope="module")
def polls(town: Installation) -> tuple[str, str]:
    """One that closes in an hour, and one that closes in three."""
    now = datetime.now(UTC)
    soon, late = (
        town.publish("barnaul", opens_at=now - timedelta(seconds=70), closes_at=now + timedelta(hours=hours))
        for hours in (1, 3)
    )
    return soon, late


def _list(page: Page, polls: list[str]) -> None:
    def answer(route: Route) -> None:
        route.fulfill(json={"polls": polls}, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/polls", answer)


def _shown(page: Page) -> list[str]:
    links = page.locator(".card a").evaluate_all("all => all.map((link) => link.hash)")
    return [link.removeprefix("#/poll/") for link in links]


def test_polls_that_do_not_verify_hide_none_that_do(booth: Booth, polls: tuple[str, str]) -> None:
    soon, late = polls
    _list(booth.page, [UNKNOWN[0], late, soon])
    manifest = json.loads(booth.page.request.get(f"{_box(booth)}/polls/{late}/manifest.json").text())
    forged = json.dumps(manifest | {"contact": "Кто-то другой"}, ensure_ascii=False)
    booth.page.route(f"**/polls/{late}/manifest.json", lambda route: route.fulfill(body=forged))
    booth.page.goto(f"{booth.client}/")
    look(booth.page, "polls")
    assert _shown(booth.page) == [soon]
    booth.text("Не показано голосований: 2")


def test_a_long_list_is_read_until_what_is_over_and_then_as_far_as_it_is_wanted(
    booth: Booth, polls: tuple[str, str]
) -> None:
    soon, late = polls
    earlier = booth.page.get_by_role("button", name="Показать более ранние")
    booth.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=2))
    _list(booth.page, [*UNKNOWN, UNKNOWN[0], late])
    booth.page.goto(f"{booth.client}/")
    booth.see("polls")
    assert (_shown(booth.page), earlier.count()) == ([late], 0)
    _list(booth.page, [soon, *UNKNOWN, late])
    booth.page.reload()
    booth.see("polls")
    assert (_shown(booth.page), earlier.count()) == ([soon], 1)
    earlier.click()
    booth.page.locator(".card").nth(1).wait_for()
    assert (_shown(booth.page), earlier.count()) == ([late, soon], 0)


def _box(booth: Booth) -> str:
    trust = booth.page.request.get(f"{booth.client}/trust.json").json()
    return str(trust["ballot_box"]["url"])
