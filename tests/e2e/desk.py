"""The office as an official uses it: verbs, and nothing that an official does not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.axe import violations

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"


@dataclass
class Desk:
    """One browser page in the office of an installation."""

    page: Page
    issuer: str
    label: str
    """Name of the browser's size, for screenshots."""

    def enter(self, person: str) -> None:
        """Sign in at the ESIA stand as this person."""
        self.page.goto(f"{self.issuer}/admin/")
        self.press("Войти через Госуслуги")
        self.page.locator(f"button[value={person}]").click()

    @contextmanager
    def as_(self, person: str) -> Iterator[None]:
        """Signed in as this person, and out again."""
        self.enter(person)
        yield
        self.leave()

    def leave(self) -> None:
        """Sign out."""
        self.press("Выйти")
        self.title("Кабинет администрации")

    def open(self, path: str) -> None:
        """Go to a page by its address."""
        self.page.goto(f"{self.issuer}/admin{path}")

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label, exact=True).first.fill(value)

    def title(self, expected: str) -> None:
        """The page has this heading."""
        expect(self.page.locator("h1")).to_have_text(expected)

    def says(self, expected: str) -> None:
        """The page says this."""
        expect(self.page.locator("main")).to_contain_text(expected)

    def looked_at(self, name: str) -> None:
        """Keep a picture; nothing sticks out sideways, and axe-core finds nothing."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{self.label}-office-{name}.png", full_page=True)
        assert self.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        assert violations(self.page) == []
