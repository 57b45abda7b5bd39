"""The client in Chromium: a poll's text on a slow line, a vote, an audit, which must agree with ours.

The audit's rate, from the click to the verdict, stands beside `openssl speed` on one core: the
WebCrypto of a browser has one thread.

    python -m bench.browser [BALLOTS]     10,000 by default, 5,000 with QUICK=1
"""

import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, send_from_directory
from playwright.sync_api import Browser, Page, sync_playwright

from bench import first_text
from bench.audit import AUDIT
from bench.openssl import bare_rate
from bench.record import VAR, large_record
from bench.rows import QUICK, Row, report, share
from tests.e2e.chromium import ADVICE, FLAGS, find
from tests.programs.record_site import SITE, record_site, served

CLIENT = SITE.parent
VOTES = 10
VOTE_MS = 300
"""A vote's share of an old phone's patience, on this machine."""
DONE = "main[data-state=audit-verified], main[data-state=audit-failed], main[data-state=audit-inconclusive]"


def rows(ballots: int) -> list[Row]:
    """A text, a vote, and the audit of so many ballots; nothing where there is no Chromium."""
    if find() is None:
        print(ADVICE, file=sys.stderr)
        return []
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return [first_text.row(), _vote(large_record(ballots)), *_audit(large_record(ballots), ballots)]


@contextmanager
def _chromium(*flags: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *flags])
        yield browser
        browser.close()


def _vote(record: Path) -> Row:
    """The median of some votes."""
    build = [
        "npx",
        "--no-install",
        "vite",
        "build",
        "--config",
        "bench/vite.config.ts",
        "--logLevel",
        "error",
    ]
    subprocess.run(build, cwd=CLIENT, check=True, capture_output=True)
    manifest = next(record.glob("*/polls/*/manifest.json"))
    arguments = [
        VOTES,
        list(manifest.read_bytes()),
        json.loads(manifest.with_name("signatures.json").read_bytes()),
    ]
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/<path:name>", "file", lambda name: send_from_directory(VAR / "client", name))
    with served(app) as address, _chromium() as browser:
        page = browser.new_page()
        page.goto(f"http://{address}/none")
        taken: list[float] = page.evaluate(
            "async ([number, manifest, signatures]) =>"
            " (await import('/vote.js')).votes(number, new Uint8Array(manifest), signatures)",
            arguments,
        )
    return Row("client's computing for a vote, Chromium", *_against(statistics.median(taken)))


def _against(taken: float) -> tuple[float, str, float, float, float, bool]:
    return taken, "ms", VOTE_MS, taken / VOTE_MS, 1, True


def _audit(record: Path, ballots: int) -> list[Row]:
    before = bare_rate(1)
    poll = next(record.glob("*/polls/*")).name
    with record_site(record, record / "trust.json") as site, _chromium(site.flag) as browser:
        page = browser.new_page(locale="ru-RU")
        page.goto(f"{site.client}/#/poll/{poll}/audit")
        page.get_by_role("button", name="Начать проверку").click()
        start = time.monotonic()
        page.locator(DONE).wait_for(timeout=600_000)
        wall = time.monotonic() - start
        seen = _seen(page)
    if (ours := _ours(record)) != seen:
        raise RuntimeError(f"two audits of one record differ: {ours} and {seen}")
    bare = (before + bare_rate(1)) / 2
    return [share(f"audit of {ballots} ballots in Chromium", ballots / wall, "per second", bare)]


def _seen(page: Page) -> dict[str, Any]:
    """Verdict, status of every check and numbers of every table, as the page shows them."""
    checks = page.locator("li[data-check]")
    return {
        "verdict": str(page.locator("main").get_attribute("data-state")).removeprefix("audit-"),
        "checks": checks.evaluate_all("all => all.map(li => [li.dataset.check, li.dataset.status])"),
        "numbers": page.locator("td.number").evaluate_all("all => all.map(td => parseInt(td.textContent))"),
    }


def _ours(record: Path) -> dict[str, Any]:
    """The same of `veche-audit verify`."""
    argv = [AUDIT, "verify", str(record), "--trust", str(record / "trust.json"), "--json"]
    found = json.loads(subprocess.run(argv, capture_output=True, check=False).stdout)
    questions = [
        [*(option["votes"] for option in question["options"]), question["abstentions"]]
        for question in found["result"]["questions"]
    ]
    return {
        "verdict": found["verdict"],
        "checks": [[check["id"], check["status"]] for check in found["checks"]],
        "numbers": [number for numbers in questions for number in numbers],
    }


def main() -> None:
    """Measure and report."""
    default = 5_000 if QUICK else 10_000
    report(rows(int(sys.argv[1]) if len(sys.argv) > 1 else default))


if __name__ == "__main__":
    main()
