"""The pages of the ballot box for people: accessible, in both languages, on a phone and on a desktop."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from ballot_box.app import create_app
from shared.encoding import format_time
from shared.manifest import Poll
from shared.statements import Kind, Statement
from tests.ballot_box.box import ISSUER_SEED, Box
from tests.e2e.axe import violations
from tests.e2e.booth import Booth
from tests.e2e.conftest import SIZES
from tests.watch import NOON

pytestmark = pytest.mark.e2e

SAID = {
    "ru": ["Голосование отменено", "Решение по итогам: Сквер будет у реки"],
    "en": ["The poll is cancelled", "What was decided: The park goes to the river"],
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A box with an open poll, one that is coming, and one that is over."""
    box = Box(Path(tmp_path_factory.mktemp("board")))
    over = box.publish("ef" * 32, closes_at=format_time(NOON + timedelta(seconds=1)))
    box.cast(over, box.ballot(over))
    box.close(over)
    _say(box, over, "decision", "Сквер будет у реки. Работы начнутся весной.", "The park goes to the river.")
    cancelled = box.publish("12" * 32, title={"ru": "Каким быть мосту", "en": "What the bridge should be"})
    _say(box, cancelled, "cancellation", "Постановление отменено судом.", "The court annulled the order.")
    box.publish("ab" * 32)
    box.publish("cd" * 32, opens_at=format_time(NOON + timedelta(minutes=30)),
                title={"ru": "Каким быть рынку", "en": "What the market should be"},
                territory=[{"name": "город Бийск", "oktmo": "01705000"}])  # fmt: skip
    server = make_server("127.0.0.1", 0, create_app(box.settings, box.watch), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _say(box: Box, poll: Poll, kind: Kind, ru: str, en: str) -> None:
    statement = Statement(kind, poll.poll_id, {"ru": ru, "en": en}).signed(ISSUER_SEED, 0)
    path = f"/polls/{poll.poll_id.hex()}/{kind}"
    answer = box.http.put(path, data=statement.encoded, content_type="application/json")
    assert answer.status_code == 201


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_pages_of_the_board_are_accessible_and_fit(
    browser: Browser, url: str, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if size == "phone" else "light"
    )
    page = context.new_page()
    one = page.request.get(f"{url}/polls").json()["polls"][0]
    for path in ("", "archive", "about", "how", "observers", "data", "api", f"polls/{one}", "no-such-page"):
        page.goto(f"{url}/{path}?lang={language}")
        if path in ("", "archive"):
            page.locator("summary").first.click()
        Booth(page, url, size).picture(f"board-{path.partition('/')[0] or 'front'}-{language}")
        assert violations(page) == []
    page.goto(f"{url}/?lang={language}")
    page.locator("select").select_option("01705000")
    page.locator("form button").click()
    expect(page.locator("article")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == language
    page.goto(f"{url}/archive?lang={language}")
    assert page.locator("article").count() == 2
    assert page.locator("article a.button").count() == 2
    said = page.locator("article .said").all_inner_texts()
    assert [text.partition(".")[0] for text in said] == SAID[language]
    context.close()
