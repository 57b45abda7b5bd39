"""The issuer's public pages in a browser, at phone and desktop width, under axe-core."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
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
    thread = Thread(target=server.serve_forever, args=(0.01,))
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


@contextmanager
def window(browser: Browser, size: str, headers: dict[str, str]) -> Iterator[Page]:
    """A page of this size: the phone with dark colours, the desktop with light ones."""
    width, height = SIZES[size]
    viewport: ViewportSize = {"width": width, "height": height}
    colours: Literal["dark", "light"] = "dark" if size == "phone" else "light"
    context = browser.new_context(viewport=viewport, color_scheme=colours, extra_http_headers=headers)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_self_check_is_accessible_and_fits(
    served: tuple[Office, str], signed_in: BrowserSession, browser: Browser, size: str, language: str
) -> None:
    cookie = f"{store.COOKIE}={b64u(signed_in.secret)}"
    with window(browser, size, {"Cookie": cookie}) as page:
        for path, name in (("", "self-check"), ("/result", "self-check-result")):
            page.goto(f"{served[1]}/self-check{path}?lang={language}")
            if path:
                page.locator("summary").click()
            Booth(page, served[1], size).picture(f"{name}-{language}")
            assert violations(page) == []
        with page.expect_download() as download:
            page.locator("a[href*=evidence]").click()
        assert download.value.suggested_filename.startswith("veche-issuance-")


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_announcement_is_accessible_and_fits(
    served: tuple[Office, str], browser: Browser, size: str, language: str
) -> None:
    office, url = served
    poll = office.publish().poll_id.hex()
    with window(browser, size, {}) as page:
        page.goto(f"{url}/polls/{poll}/announcement?lang={language}")
        Booth(page, url, size).picture(f"announcement-{language}")
        assert violations(page) == []
