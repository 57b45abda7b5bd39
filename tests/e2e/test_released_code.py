"""The page runs no code but that of its release."""

import pytest
from playwright.sync_api import Route

from tests.e2e.booth import Booth

pytestmark = pytest.mark.e2e


def test_voting_code_that_is_not_the_released_one_does_not_run(booth: Booth, open_poll: str) -> None:
    def change(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text() + "\nwindow.changed = true;")

    booth.page.route("**/assets/voting-*.js", change)
    booth.open_poll(open_poll)
    booth.page.goto(f"{booth.client}/#/poll/{open_poll}/check")
    booth.see("connection-lost")
    assert booth.page.evaluate("window.changed") is None
