"""A state of a page, looked at in every way a resident may see it."""

from playwright.sync_api import Page

from tests.e2e.axe import SET, UNSET, violations_in_every_colour
from tests.e2e.booth import SCREENSHOTS

PHONE, DESKTOP = (360, 740), (1280, 800)
ZOOMED = (640, 320)
"""A desktop at 200 and at 400 percent (WCAG 2.2, 1.4.10)."""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(page: Page, name: str) -> None:
    """Keep pictures at both widths; assert that axe-core finds nothing, and that nothing sticks out sideways.

    In both themes and every scheme for the visually impaired, zoomed, and in the largest letters.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.locator(f"main[data-state={name.partition('.')[0]}]").wait_for()
    for label, (width, height) in {"desktop": DESKTOP, "phone": PHONE}.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"{label}-{name}.png", full_page=True)
    assert violations_in_every_colour(page) == [], name
    for width in ZOOMED:
        page.set_viewport_size({"width": width, "height": 600})
        assert page.evaluate(SIDEWAYS) <= 0, f"{name} at {width}"
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for aspect, value in (("size", "huge"), ("spacing", "wide")):
        page.evaluate(SET, [aspect, value])
    assert page.evaluate(SIDEWAYS) <= 0, f"{name} in the largest letters"
    for aspect in ("size", "spacing"):
        page.evaluate(UNSET, aspect)
