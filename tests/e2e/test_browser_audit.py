"""«Проверить подсчёт» in a real browser, over records of the fraud catalogue that two real servers serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from shared.encoding import parse_canonical
from tests.e2e.axe import violations
from tests.e2e.booth import Booth
from tests.e2e.chromium import find
from tests.e2e.conftest import FLAGS, SIZES
from tests.frauds.catalogue import CASES, write_case
from tests.programs.record_site import SITE, record_site

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.fraud,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the client is not built"),
]


@contextmanager
def _page_of(name: str, folder: Path, browser: Browser, size: str) -> Iterator[tuple[Booth, str]]:
    """A case of the catalogue in a browser that finds its services; the poll's id."""
    write_case(folder, CASES[name])
    poll = parse_canonical((folder / "expected.json").read_bytes())["poll_url"].rpartition("/")[2]
    with record_site(folder / "record", folder / "trust.json") as site:
        own = browser.browser_type.launch(executable_path=find(), args=[*FLAGS, site.flag])
        width, height = SIZES[size]
        page = own.new_page(viewport={"width": width, "height": height}, locale="ru-RU")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{site.client}/#/poll/{poll}/audit")
        yield Booth(page, site.client, size), poll
        own.close()
        assert errors == []


@pytest.mark.parametrize(
    ("name", "size", "verdict"),
    [
        ("answer-changed", "phone", "failed"),
        ("honest-and-sealed", "desktop", "verified"),
    ],
)
def test_the_page_says_what_the_catalogue_says(
    name: str, size: str, verdict: str, tmp_path: Path, browser: Browser
) -> None:
    with _page_of(name, tmp_path, browser, size) as (booth, poll):
        booth.see("audit-ready")
        assert violations(booth.page) == []
        booth.check_count(verdict)
        failed = booth.page.locator("li[data-status=FAIL]").evaluate_all(
            "all => all.map(li => li.dataset.check)"
        )
        assert tuple(failed) == CASES[name].failed
        assert violations(booth.page) == []
        booth.page.get_by_role("button", name="Проверить ещё раз").click()
        booth.see(f"audit-{verdict}")
        # What was seen is remembered, and is held against the log the next time.
        seen = booth.page.locator("li[data-check=consistency]")
        expect(seen).to_have_attribute("data-status", "PASS")
        booth.page.goto(f"{booth.client}/#/poll/{poll}")
        booth.page.goto(f"{booth.client}/#/poll/{poll}/audit")
        booth.page.get_by_role("button", name="English").click()
        booth.page.get_by_role("button", name="Start the check").click()
        booth.see(f"audit-{verdict}")
        assert not any(letter in booth.page.locator("ol.checks").inner_text() for letter in "абвгдежз")
