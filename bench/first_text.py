"""The text of a poll on a slow line: Chromium with nothing kept, a real ballot box, 400 kbit/s.

Chromium's own emulation (DevTools protocol) delays every answer by LATENCY_MS and shares the line among
them. It does not delay connections: a first one over TLS 1.3 takes two round trips more.

    python -m bench.first_text
"""

import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from bench.rows import Row, report
from tests.e2e.chromium import FLAGS, find
from tests.programs.installation import Installation

BITS_PER_SECOND: Final = 400_000
LATENCY_MS: Final = 100
LIMIT_MS: Final = 1000
VISITS: Final = 5
LINE: Final = {
    "offline": False,
    "latency": LATENCY_MS,
    "downloadThroughput": BITS_PER_SECOND / 8,
    "uploadThroughput": BITS_PER_SECOND / 8,
}
WATCH: Final = """window.shown = new Promise((resolve) => new MutationObserver((_, watching) => {
  if (document.querySelector("main .lead + .asked, .facts") === null) return;
  watching.disconnect();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
}).observe(document, { childList: true, subtree: true }))"""
"""`shown`: milliseconds from the start of the navigation until the frame with the text is painted."""


def row() -> Row:
    """The median of some first visits."""
    with tempfile.TemporaryDirectory(prefix="veche-bench-") as folder, Installation(Path(folder)) as town:
        now = datetime.now(UTC)
        poll = town.publish("barnaul", opens_at=now, closes_at=now + timedelta(hours=1))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
            url = f"{town.url('client')}/?poll={poll}"
            _visit(browser, url)  # by which the programs are warm
            seen = [_visit(browser, url) for _ in range(VISITS)]
            browser.close()
    taken = statistics.median(seen)
    name = f"text of a poll at 400 kbit/s and {LATENCY_MS} ms, Chromium"
    return Row(name, taken, "ms", LIMIT_MS, taken / LIMIT_MS, 1, most=True)


def _visit(browser: Browser, url: str) -> float:
    """A visit with an empty profile."""
    context = browser.new_context(locale="ru-RU", service_workers="block")
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
    page.add_init_script(WATCH)
    page.goto(url, wait_until="commit")
    taken = float(page.evaluate("window.shown"))
    context.close()
    return taken


if __name__ == "__main__":
    report([row()])
