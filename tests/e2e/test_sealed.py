"""A sealed poll in the browser: whom it is hidden from, that it waits, and its result once it is opened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import PATIENCE, Booth
from tests.programs.installation import Installation
from tests.programs.trustee import hold_ceremony, open_poll

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("booth", ["phone"], indirect=True)
def test_a_poll_waits_for_its_trustees_and_shows_its_result_after_them(
    booth: Booth, town: Installation, tmp_path: Path
) -> None:
    held = hold_ceremony(tmp_path / "sheets", "--name", "А. А. Первая", "--name", "Б. Б. Второй", trustees=2)
    closes_at = town.soon(20)
    poll = town.publish(
        "region", opens_at=datetime.now(UTC) - timedelta(seconds=1), closes_at=closes_at, sealing=held.sealing
    )
    booth.open_poll(poll)
    booth.text("Б. Б. Второй")
    booth.page.wait_for_timeout(max(0, (closes_at - datetime.now(UTC)).total_seconds() * 1000))
    _reload_until(booth, poll, "ждёт вскрытия")
    booth.picture("awaits-opening")
    assert violations_in_every_colour(booth.page) == []
    booth.page.goto(town.url("box"))
    booth.text("ждёт вскрытия")
    for _ in range(PATIENCE):
        if open_poll(f"{town.url('box')}/polls/{poll}", town.trust_file, *held.shares).returncode == 0:
            break
        booth.page.wait_for_timeout(500)
    _reload_until(booth, poll, "Учтено бюллетеней: 0")


def _reload_until(booth: Booth, poll: str, text: str) -> None:
    for _ in range(PATIENCE):
        booth.page.goto(f"{booth.client}/?poll={poll}")
        booth.see("poll-closed")
        if text in booth.page.inner_text("main"):
            return
        booth.page.wait_for_timeout(500)
    booth.text(text)
