"""The pages as a resident uses them: verbs, and nothing that a resident does not see."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, expect

from tests.e2e.chromium import WAIT_MS

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
PATIENCE = 120
"""How often, half a second apart, a page is looked at again for what the services do meanwhile."""


class Words(NamedTuple):
    """What is written on what a resident presses."""

    vote: str
    take: str
    next: str
    send: str
    find: str
    find_again: str
    again: str
    resume: str
    send_now: str


RUSSIAN = Words(
    "Войти через Госуслуги",
    "Получить бюллетень",
    "Далее",
    "Отправить бюллетень",
    "Найти мой бюллетень",
    "Проверить ещё раз",
    "Повторить",
    "Продолжить",
    "Отправить сейчас",
)
ENGLISH = Words(
    "Sign in with Gosuslugi",
    "Get the ballot",
    "Next",
    "Send the ballot",
    "Find my ballot",
    "Check again",
    "Try again",
    "Continue",
    "Send now",
)


@dataclass
class Booth:
    """One browser page on the client of an installation."""

    page: Page
    client: str
    label: str
    """Name of the browser's size, for screenshots."""
    words: Words = RUSSIAN

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name).click()

    def open_poll(self, poll: str) -> None:
        """Open a poll by its link."""
        self.page.goto(f"{self.client}/?poll={poll}")
        self.see("poll-open")

    def see(self, state: str) -> None:
        """Wait for a page in this state and keep a picture of it; nothing may stick out sideways."""
        self.page.locator(f"main[data-state={state}]").wait_for(timeout=WAIT_MS)
        self.picture(state)

    def picture(self, name: str) -> None:
        """Keep a picture; the page fits its width."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{self.label}-{name}.png", full_page=True)
        assert self.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )

    def choose_person(self, person: str) -> None:
        """From the poll's page to the ESIA stand, and sign in there as this resident."""
        self.press(self.words.vote)
        self.page.locator(f"button[value={person}]").click()

    def take_ballot(self) -> None:
        """Confirm on the issuer's page and come back with a token."""
        self.page.get_by_role("button", name=self.words.take).wait_for(timeout=WAIT_MS)
        self.picture("issuer")
        self.press(self.words.take)
        self.see("question-1")

    def sign_in(self, person: str) -> None:
        """The whole sign-in."""
        self.choose_person(person)
        self.take_ballot()

    def answer(self, *options: str) -> None:
        """Tick the options of a question and go on."""
        for option in options:
            self.page.get_by_label(option).check()
        self.press(self.words.next)

    def send(self) -> None:
        """Send the checked answers."""
        self.see("check")
        self.press(self.words.send)

    def find_ballot(self) -> None:
        """Look for one's ballot until it is in the log."""
        self.page.get_by_role("link", name=self.words.find).click()
        found = self.page.locator("main[data-state=found]")
        for _ in range(PATIENCE):
            self.page.locator("main[data-state=found], main[data-state=due]").wait_for(timeout=WAIT_MS)
            if found.is_visible():
                break
            self.page.wait_for_timeout(500)
            self.press(self.words.find_again)
        self.see("found")

    def check_count(self, verdict: str) -> None:
        """Have the browser audit the poll; it comes to this verdict."""
        self.page.get_by_role("button", name="Начать проверку").click()
        self.see(f"audit-{verdict}")

    def text(self, expected: str) -> None:
        """The page says this."""
        expect(self.page.locator("main")).to_contain_text(expected)


def until(page: Page, done: Callable[[], object]) -> None:
    """Let the page and its handlers work until something is done."""
    for _ in range(WAIT_MS // 20):
        if done():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it is never done")
