"""A vote that is broken off at every step, at every size, in both languages: never lost, never doubled."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import httpx
import pytest
from playwright.sync_api import Browser, Locator, ViewportSize

from tests.e2e.accident import KILLS, Accident
from tests.e2e.booth import ENGLISH, Booth
from tests.e2e.test_vote import ELIGIBLE
from tests.programs.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 800)}
ANSWERS = {"ru": ("Спорт", "Фонтан"), "en": ("Sport", "A fountain")}
SOME = (("phone", "ru", "reload"), ("tablet", "en", "closed"), ("desktop", "ru", "offline"))
"""Every size and every accident once. `make torture` takes all with one another, in both languages."""
CASES = tuple(product(SIZES, ANSWERS, KILLS)) if os.environ.get("HYPOTHESIS_PROFILE") == "torture" else SOME


@pytest.fixture(scope="module")
def polls(town: Installation) -> dict[str, str]:
    """A poll for every accident: there are fewer residents than cases."""
    now = datetime.now(UTC)
    return {
        kill: town.publish(
            "barnaul", opens_at=now - timedelta(minutes=number), closes_at=now + timedelta(hours=1)
        )
        for number, kill in enumerate(KILLS, 1)
    }


@pytest.fixture(scope="module")
def voters() -> dict[str, Iterator[str]]:
    return {kill: iter(ELIGIBLE) for kill in KILLS}


@pytest.fixture
def booth(browser: Browser, town: Installation, size: str, language: str) -> Iterator[Booth]:
    width, height = SIZES[size]
    viewport: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(viewport=viewport, locale="ru-RU", service_workers="block")
    booth = Booth(context.new_page(), town.url("client"), f"{size}-{language}")
    if language == "en":
        booth.page.goto(f"{booth.client}/")
        booth.press("English")
        booth.page.locator("html[lang=en]").wait_for()
        booth.words = ENGLISH
    yield booth
    context.close()


@dataclass
class Vote:
    """The steps of a vote, and the way back to each from the poll's page."""

    booth: Booth
    person: str
    answers: tuple[str, str]

    def sign_in(self, accident: Accident) -> None:
        """With the accident on every page of the sign-in, and on the answer that brings the token."""
        page = self.booth.page
        page.locator(f"button[value={self.person}]").wait_for()
        accident.strikes_outside()
        self.booth.page.locator(f"button[value={self.person}]").click()
        self._take().wait_for()
        accident.strikes_outside()
        if accident.kill == "closed":
            self.booth.page.locator(f"button[value={self.person}]").click()
        accident.strikes_the_answer("**/polls/*/token", lambda: self._take().click(), self.go_on)

    def _take(self) -> Locator:
        return self.booth.page.get_by_role("button", name=self.booth.words.take)

    def go_on(self) -> None:
        self.booth.page.get_by_role("link", name=self.booth.words.resume).click()
        self.booth.see("question-1")

    def to_the_second(self) -> None:
        self.go_on()
        self._answer_again(self.answers[0])
        self.booth.see("question-2")

    def to_the_check(self) -> None:
        self.to_the_second()
        self._answer_again(self.answers[1])

    def _answer_again(self, kept: str) -> None:
        assert self.booth.page.get_by_label(kept).is_checked()
        self.booth.answer()

    def to_the_receipt(self) -> None:
        self.booth.page.get_by_role("main").get_by_role("link").first.click()

    def send_again(self) -> None:
        self.booth.page.get_by_role("link", name=self.booth.words.send_now).click()


@pytest.mark.parametrize(("size", "language", "kill"), CASES)
def test_a_vote_broken_off_at_every_step_is_cast_once(
    booth: Booth,
    town: Installation,
    polls: dict[str, str],
    voters: dict[str, Iterator[str]],
    language: str,
    kill: str,
) -> None:
    poll, vote = polls[kill], Vote(booth, next(voters[kill]), ANSWERS[language])
    before = _issued(town, poll)
    accident = Accident(booth, poll, kill)
    booth.open_poll(poll)
    accident.strikes("poll-open")
    booth.press(booth.words.vote)
    vote.sign_in(accident)
    booth.see("question-1")
    accident.strikes("question-1", vote.go_on)
    booth.answer(vote.answers[0])
    booth.see("question-2")
    accident.strikes("question-2", vote.to_the_second)
    booth.answer(vote.answers[1])
    booth.see("check")
    accident.strikes("check", vote.to_the_check)
    assert "ballots" not in accident.bodies
    accident.strikes_the_answer("**/ballots", lambda: booth.press(booth.words.send), vote.send_again)
    booth.see("cast")
    accident.strikes("cast", vote.to_the_receipt)
    booth.find_ballot()
    for name in ("token", "ballots"):
        assert len(accident.bodies[name]) >= 2
        assert len(set(accident.bodies[name])) == 1, f"other bytes to {name}"
    assert _issued(town, poll) == before + 1
    assert _published(town, poll, before + 1) == before + 1


def _issued(town: Installation, poll: str) -> int:
    issued: int = httpx.get(f"{town.url('issuer')}/polls/{poll}/issuance", timeout=10).json()["issued"]
    return issued


def _published(town: Installation, poll: str, expected: int) -> int:
    """How many ballots are in the log, as soon as there are as many as expected."""
    deadline = time.monotonic() + 120
    while True:
        ballots: int = httpx.get(f"{town.url('box')}/polls/{poll}/state.json", timeout=10).json()["ballots"]
        if ballots >= expected or time.monotonic() > deadline:
            return ballots
        time.sleep(0.2)
