"""The issuer's public pages in a browser, at phone and desktop width, under axe-core."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from issuer.app import create_app
from tests.accessibility import violations
from tests.e2e.booth import Booth
from tests.e2e.conftest import SIZES
from tests.issuer.office import Office
from tests.programs.processes import free_port

pytestmark = pytest.mark.e2e

HOST = "127.0.0.3"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, str]]:
    """An office whose pages are served at a URL."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.prepare_sign_in()
    port = free_port(HOST)
    server = make_server(HOST, port, create_app(office.settings, office.watch), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield office, f"http://{HOST}:{port}"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_announcement_is_accessible_and_fits(
    served: tuple[Office, str], browser: Browser, size: str, language: str
) -> None:
    office, url = served
    poll = office.publish().poll_id.hex()
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=False)
    page = context.new_page()
    page.goto(f"{url}/polls/{poll}/announcement?lang={language}")
    Booth(page, url, size).picture(f"announcement-{language}")
    found = violations(page)
    context.close()
    assert found == []
