"""The office as an official uses it: verbs, and nothing that an official does not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from shared.clock import ALTAI
from tests.e2e.axe import violations
from tests.e2e.chromium import WAIT_MS

MOST_TABS = 400
SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"


@dataclass
class Desk:
    """One browser page in the office of an installation."""

    page: Page
    issuer: str
    label: str
    """Name of the browser's size, for screenshots."""
    keyboard: bool = False
    """Without a mouse or a finger."""

    def enter(self, person: str) -> None:
        """Sign in at the ESIA stand as this person."""
        self.page.goto(f"{self.issuer}/admin/")
        self.press("Войти через Госуслуги")
        self._lead(self.page.locator(f"button[value={person}]"))
        self.title("Голосования")

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
        """Follow a link to another page."""
        self._lead(self._link(name))

    def fetch(self, name: str) -> None:
        """Follow a link to a file."""
        self._use(self._link(name))

    def press(self, name: str) -> None:
        """Press a button, which leads to another page: there are no scripts here."""
        self._lead(self.page.get_by_role("button", name=name, exact=True).first)

    def unfold(self, name: str) -> None:
        """Open what is folded under this heading."""
        self._use(self.page.locator("summary", has_text=name).first)

    def tick(self, label: str) -> None:
        """Tick a box."""
        box = self.page.get_by_label(label)
        if self.keyboard:
            self._reach(box)
            self.page.keyboard.press("Space")
        else:
            box.check()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list; by keyboard with the arrow."""
        box = self.page.get_by_label(label)
        if self.keyboard:
            self._reach(box)
            for _ in range(MOST_TABS):
                if box.evaluate("select => select.selectedOptions[0].text") == option:
                    return
                self.page.keyboard.press("ArrowDown")
            raise AssertionError(f"no option {option}")
        box.select_option(label=option)

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        box = self.page.get_by_label(label, exact=True).first
        if self.keyboard:
            self._reach(box)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(value)
        else:
            box.fill(value)

    def fill_time(self, label: str, value: datetime | date) -> None:
        """Set a date, or a date and time of the region."""
        box = self.page.get_by_label(label, exact=True).first
        moment = value
        if isinstance(value, datetime):
            moment = value.astimezone(ALTAI).replace(tzinfo=None, microsecond=0)
        if self.keyboard:
            self._reach(box)
            self.page.keyboard.type(f"{moment:%m%d%Y}")
            if isinstance(moment, datetime):
                self.page.keyboard.press("ArrowRight")
                self.page.keyboard.type(f"{moment:%I%M%S%p}")
        else:
            box.fill(moment.isoformat())

    def _link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True).first

    def _lead(self, element: Locator) -> None:
        """Use it, and wait for the page that comes: what is there before is not looked at nor used."""
        if self.keyboard:
            self._reach(element)
        with self.page.expect_navigation(timeout=WAIT_MS):
            self._use(element)

    def _use(self, element: Locator) -> None:
        if self.keyboard:
            self._reach(element)
            self.page.keyboard.press("Enter")
        else:
            element.click()

    def _reach(self, element: Locator) -> None:
        """Go with the Tab key until the element has the focus."""
        element.wait_for()
        for _ in range(MOST_TABS):
            if element.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way with the Tab key to {element}")

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
