"""The issuer's public pages in a browser, at phone and desktop width, under axe-core."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, ViewportSize
from werkzeug.serving import make_server

from issuer.app import create_app
from issuer.keys import VoterPseudonym
from issuer.oauth.session import BrowserSession
from issuer.self_check import store
from shared.db import write
from shared.encoding import b64u
from tests.accessibility import violations
from tests.e2e.booth import Booth
from tests.e2e.conftest import SIZES
from tests.issuer.office import Office, blinded_message, sample_draft
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


@pytest.fixture(scope="module")
def signed_in(served: tuple[Office, str]) -> BrowserSession:
    """The session of a resident who has a token of one of two polls."""
    office, _ = served
    person, session = VoterPseudonym(b"\x01" * 32), BrowserSession(b"\x02" * 32)
    mine, other = office.publish(), office.publish(sample_draft(title={"ru": "Ярмарка"}))
    office.desk.issue(mine.poll_id, person, blinded_message(mine), nonce=b"\x03" * 32)
    with write(office.engine) as conn:
        store.answer(conn, session, {mine.poll_id: person, other.poll_id: person}, office.watch())
    return session


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_self_check_is_accessible_and_fits(
    served: tuple[Office, str], signed_in: BrowserSession, browser: Browser, size: str, language: str
) -> None:
    width, height = SIZES[size]
    cookie = f"{store.COOKIE}={b64u(signed_in.secret)}"
    size_of_page: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(viewport=size_of_page, extra_http_headers={"Cookie": cookie})
    page = context.new_page()
    for path, name in (("", "self-check"), ("/result", "self-check-result")):
        page.goto(f"{served[1]}/self-check{path}?lang={language}")
        if path:
            page.locator("summary").click()
        Booth(page, served[1], size).picture(f"{name}-{language}")
        assert violations(page) == []
    with page.expect_download() as download:
        page.locator("a[href*=evidence]").click()
    context.close()
    assert download.value.suggested_filename.startswith("veche-issuance-")


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
