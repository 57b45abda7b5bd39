from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, ViewportSize

from tests.e2e.booth import Booth
from tests.e2e.questions import told_too_much
from tests.programs.installation import REPOSITORY, Installation

SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    if not (REPOSITORY / "client" / "dist" / "index.html").is_file():
        pytest.skip("the client is not built: `make test` builds it")
    with Installation(Path(tmp_path_factory.mktemp("town"))) as installation:
        yield installation


@pytest.fixture(scope="session")
def open_poll(town: Installation) -> str:
    """A poll in Barnaul that stays open for all tests."""
    now = datetime.now(UTC)
    return town.publish("barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=2))


@pytest.fixture
def booth(request: pytest.FixtureRequest, browser: Browser, town: Installation) -> Iterator[Booth]:
    """A fresh profile, a phone's unless a test names another of SIZES. Errors on a page fail the test."""
    size = getattr(request, "param", "phone")
    width, height = SIZES[size]
    viewport: ViewportSize = {"width": width, "height": height}
    # `page.route` sees nothing behind a service worker; test_offline.py has one.
    context = browser.new_context(viewport=viewport, locale="ru-RU", service_workers="block")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    asked: list[Request] = []
    page.on("request", lambda request: asked.extend([request]))
    yield Booth(page, town.url("client"), size)
    cookies = context.cookies([town.url("client"), town.url("box")])
    context.close()
    assert errors == []
    assert cookies == []
    assert told_too_much(asked, town.url("box")) == []
