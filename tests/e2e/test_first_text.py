"""A poll's text comes before all else, and is checked all the same; how long it takes, `make bench` says."""

import re

import pytest
from playwright.sync_api import Request, Route, expect

from tests.e2e.booth import Booth, until

pytestmark = pytest.mark.e2e

CODE = 12_000
"""Bytes of scripts, gzip-encoded, that may come before the text: 0.24 s at 400 kbit/s."""
FORGED = "рынк"
WATCH = f"""new MutationObserver(() => {{
  window.seen ||= document.documentElement.textContent.includes("{FORGED}");
}}).observe(document, {{ childList: true, subtree: true }})"""


def test_the_text_of_a_poll_waits_for_little_code(booth: Booth, open_poll: str) -> None:
    page, done = booth.page, list[Request]()
    page.on("requestfinished", lambda request: done.extend([request]))
    held: list[Route] = []
    page.route("**/assets/start-*.js", lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{booth.client}/?poll={open_poll}")
    booth.see("poll-text")
    expect(page.get_by_role("heading", level=1)).to_have_text("Каким быть скверу на проспекте Ленина")
    booth.text("Участие добровольное")
    booth.text("Для чего сквер нужен вам прежде всего?")
    scripts = [request for request in done if request.resource_type == "script"]
    assert 0 < sum(request.sizes()["responseBodySize"] for request in scripts) < CODE
    until(page, lambda: held)
    page.unroute_all()  # which lets go what is held
    booth.see("poll-open")
    assert page.get_by_role("button", name=booth.words.vote).is_visible()


@pytest.mark.parametrize("name", ["manifest.json", "signatures.json"])
def test_a_text_that_does_not_verify_is_never_shown(booth: Booth, open_poll: str, name: str) -> None:
    def forge(route: Route) -> None:
        text = route.fetch().text()
        forged = (
            text.replace("сквер", FORGED)
            if name == "manifest.json"
            else re.sub('"signature":".', '"signature":"_', text)
        )
        assert forged != text
        route.fulfill(body=forged, headers={"Access-Control-Allow-Origin": "*"})

    page = booth.page
    page.add_init_script(WATCH)
    page.route(f"**/polls/*/{name}", forge)
    page.goto(f"{booth.client}/?poll={open_poll}")
    booth.see("untrusted")
    assert not page.evaluate("window.seen")
    assert not page.get_by_text("Каким быть").is_visible()
