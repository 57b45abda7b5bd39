"""The auditor's report as a page: accessible, as wide as the screen, with a chart for each question."""

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from auditor.page import report_page
from auditor.russian import in_russian
from tests.e2e.axe import violations
from tests.e2e.conftest import SIZES
from tests.frauds.honest import changed_vote
from tests.simulator import Election, honest_election

pytestmark = pytest.mark.e2e

Make = Callable[[], Election]


def _verified() -> Election:
    return honest_election()


def _failed() -> Election:
    election = honest_election()
    election.entries[1:5] = election.entries[1:5] * 30
    election.reclose()
    return election


def _inconclusive() -> Election:
    """Of a poll with a ranking and a score, whose questions have one text."""
    election = changed_vote()
    election.trust = None
    return election


@pytest.mark.parametrize("make", [_verified, _failed, _inconclusive])
def test_the_report_is_accessible_and_fits_the_screen(browser: Browser, tmp_path: Path, make: Make) -> None:
    report = make().audit()
    assert report.poll is not None
    (tmp_path / "report.html").write_text(report_page(report), "utf-8")
    for width, height in SIZES.values():
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{tmp_path}/report.html")
        for details in page.query_selector_all("details"):
            details.evaluate("details => details.open = true")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".checks > li").count() == len(report.findings)
        assert page.locator("[lang=en]").all_inner_texts() == []
        assert page.locator("svg").count() > len(report.poll.manifest.questions)
        shown = html.unescape(page.content())
        assert all(str(in_russian(fault)) in shown for found in report.findings for fault in found.faults)
        assert ("Что делать" in shown) == (report.verdict == "failed")
        assert [url for url in asked if not url.startswith("data:")] == [f"file://{tmp_path}/report.html"]
        context.close()


def test_only_of_a_closed_poll_it_is_said_whether_it_was_held() -> None:
    assert "состоялось" in report_page(honest_election().audit())
    election = honest_election()
    del election.entries[-1]
    assert "состоялось" not in report_page(election.audit())
