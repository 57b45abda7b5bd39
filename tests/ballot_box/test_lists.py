"""Lists of polls: what is going on comes first, and what is over costs nothing."""

import re
from datetime import timedelta

import pytest

from ballot_box.routes import pages
from ballot_box.services import EXTENSION
from shared.encoding import format_time
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.databases import statements
from tests.watch import NOON


def _publish(box: Box, number: int, minutes: int, *, opens: int = -60) -> Poll:
    closes_at = NOON + timedelta(minutes=minutes)
    return box.publish(
        f"{number:064x}",
        title={"ru": f"Вопрос {number}", "en": f"Question {number}"},
        opens_at=format_time(NOON + timedelta(minutes=opens)),
        closes_at=format_time(closes_at),
        include_by=format_time(closes_at + timedelta(hours=1)),
    )


def _titles(box: Box, path: str) -> list[int]:
    return [int(number) for number in re.findall(r">Вопрос (\d+)</h3>", box.http.get(path).text)]


def test_what_closes_last_is_listed_first_and_of_those_that_close_together_the_smaller_id(box: Box) -> None:
    minutes = (5, 30, 20, 20)
    early, late, *together = (_publish(box, number, until) for number, until in enumerate(minutes))
    listed = [late, *sorted(together, key=lambda poll: poll.poll_id), early]
    assert box.http.get("/polls").get_json() == {"polls": [poll.poll_id.hex() for poll in listed]}


def test_the_front_page_begins_with_what_ends_and_begins_soonest(box: Box) -> None:
    for number, (minutes, opens) in enumerate(((9, -60), (5, -60), (7, -60), (50, 30), (50, 20))):
        _publish(box, number, minutes, opens=opens)
    assert _titles(box, "/") == [1, 2, 0, 4, 3]
    box.watch.now = NOON + timedelta(minutes=8)
    assert _titles(box, "/") == [0, 4, 3, 2, 1]


def test_the_archive_is_read_page_by_page(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ARCHIVE_PAGE", 3)
    monkeypatch.setattr(pages, "SHOWN_CLOSED", 2)
    for number in range(7):
        _publish(box, number, number + 1)
    box.watch.now = NOON + timedelta(minutes=8)
    read, path = [], "/"
    for _ in range(4):
        read.append(_titles(box, path))
        link = re.search(r'href="([^"]+)" rel="next"', box.http.get(path).text)
        path = link[1].replace("&amp;", "&") if link else ""
    assert (read, path) == ([[6, 5], [6, 5, 4], [3, 2, 1], [0]], "")
    assert 'page=2" rel="prev"' in box.http.get("/archive?page=3").text
    for page in ("0", "-1", "x", ""):
        assert _titles(box, f"/archive?page={page}") == [6, 5, 4]
    assert _titles(box, "/archive?page=99999999999999999999") == []


@pytest.mark.parametrize("path", ["/", "/archive", "/polls"])
def test_a_poll_that_is_not_shown_costs_no_question_to_the_database(
    box: Box, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(pages, "ARCHIVE_PAGE", 2)
    monkeypatch.setattr(pages, "SHOWN_CLOSED", 2)
    asked = []
    for numbers in (range(3), range(3, 9)):
        for number in numbers:
            box.watch.now = NOON
            _publish(box, number, number + 1)
        box.watch.now = NOON + timedelta(minutes=30)
        assert box.http.get(path).status_code == 200
        engine = box.http.application.extensions[EXTENSION].engine
        asked.append(len(statements(engine, lambda: box.http.get(path))))
    assert asked[0] == asked[1] > 0
