"""What the box shows: the log at its C2SP paths, public data for everybody, one page for people."""

import gzip
import io
import zipfile
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from crypto.tiles import bundles_of, tiles_of
from shared.encoding import format_time
from shared.manifest import Poll
from shared.trust import PATH, parse_trust
from shared.web.headers import SECURITY_HEADERS
from tests.ballot_box.box import CLIENT_URL, Box, refusal
from tests.samples import sample_members
from tests.simulator import ANSWERS
from tests.watch import NOON

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def closed(box: Box, poll: Poll) -> Poll:
    """A poll with four ballots and a result."""
    for answers in ANSWERS:
        box.cast(poll, box.ballot(poll, answers))
    box.close(poll)
    return poll


def _log(poll: Poll, path: str) -> str:
    return "/log/" + poll.manifest.ballot_box.log_url.rpartition("/")[2] + "/" + path


def test_every_file_of_a_log_has_its_type_and_may_be_kept(box: Box, closed: Poll) -> None:
    note = box.http.get(_log(closed, "checkpoint"))
    assert note.content_type == "text/plain; charset=utf-8"
    assert note.headers["Cache-Control"] == "no-cache"
    size = box.checkpoint(closed).size
    for tile in (*tiles_of(size), *bundles_of(size)):
        answer = box.http.get(_log(closed, tile.path()))
        assert answer.status_code == 200
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Cache-Control"] == IMMUTABLE


@pytest.mark.parametrize("of", ["entries", "manifest"])
def test_what_is_long_is_compressed_for_those_who_take_it_and_is_the_same(
    box: Box, closed: Poll, of: str
) -> None:
    bundle = next(iter(bundles_of(box.checkpoint(closed).size))).path()
    path = _log(closed, bundle) if of == "entries" else f"/polls/{closed.poll_id.hex()}/manifest.json"
    plain = box.http.get(path)
    packed = box.http.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert [answer.headers["Vary"] for answer in (plain, packed)] == ["Accept-Encoding"] * 2
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Cache-Control"] == IMMUTABLE
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)


def test_hashes_are_not_compressed(box: Box, closed: Poll) -> None:
    tile = next(iter(tiles_of(box.checkpoint(closed).size))).path()
    assert (
        "Content-Encoding"
        not in box.http.get(_log(closed, tile), headers={"Accept-Encoding": "gzip"}).headers
    )


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint/",
        "tile/0/000",
        "tile/0/000.p/7",
        "tile/entries/001.p/1",
        "tile/x/000",
        "../../polls",
        "%00",
    ],
)
def test_a_path_that_names_no_file_of_the_log_is_not_there(box: Box, closed: Poll, path: str) -> None:
    answer = box.http.get(_log(closed, path))
    assert refusal(answer) == (404, "not-found")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_log_that_was_given_and_not_used_is_not_there(box: Box) -> None:
    path = box.ask_log().get_json()["log_url"].removeprefix(box.url)
    assert refusal(box.http.get(f"{path}/checkpoint")) == (404, "not-found")


def test_ballots_that_wait_are_not_shown(box: Box, poll: Poll) -> None:
    ballot = box.ballot(poll)
    box.cast(poll, ballot)
    shown = b"".join(box.get(path) for path in ("/", "/polls", f"/polls/{poll.poll_id.hex()}/state.json"))
    assert box.leaves(poll) == [poll.first_leaf]
    assert ballot[48:113].hex().encode() not in shown


def test_data_of_a_poll_are_json_for_every_origin(box: Box, closed: Poll) -> None:
    base = f"/polls/{closed.poll_id.hex()}"
    for path, caching in (
        (f"{base}/manifest.json", IMMUTABLE),
        (f"{base}/signatures.json", IMMUTABLE),
        (f"{base}/result.json", IMMUTABLE),
        (f"{base}/state.json", "no-cache"),
        ("/polls", "no-cache"),
        (PATH, "no-cache"),
    ):
        answer = box.http.get(path, headers={"Origin": "https://anybody.example"})
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert answer.headers["Cache-Control"] == caching
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert box.http.get(f"{base}/result.signature").content_type == "text/plain; charset=utf-8"
    for path in ("checkpoint", "tile/0/000.p/6"):
        assert box.http.get(_log(closed, path)).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", ["manifest.json", "signatures.json", "state.json", "result.json"])
@pytest.mark.parametrize("poll_id", ["ab" * 32, "ab" * 31, "AB" * 32, "x"])
def test_data_of_a_poll_that_is_not_there(box: Box, poll: Poll, poll_id: str, name: str) -> None:
    answer = box.http.get(f"/polls/{poll_id}/{name}")
    assert refusal(answer) == (404, "poll-unknown")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_trust_root_is_the_pinned_one(box: Box) -> None:
    assert parse_trust(box.get(PATH)) == box.trust


@pytest.mark.parametrize(("method", "path"), [("POST", "/polls"), ("DELETE", "/polls/x"), ("PUT", "/logs")])
def test_a_method_that_a_path_does_not_take_is_refused(box: Box, method: str, path: str) -> None:
    assert refusal(box.http.open(path, method=method)) == (405, "method-not-allowed")


def test_a_page_of_another_origin_may_not_publish(box: Box, poll: Poll) -> None:
    for path in ("/logs", f"/polls/{poll.poll_id.hex()}"):
        answer = box.http.options(path, headers={"Origin": "https://anybody.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_answer_has_the_security_headers_and_none_a_cookie(box: Box, closed: Poll) -> None:
    answers = [
        box.http.get("/"),
        box.http.get("/static/box.css"),
        box.http.get("/nowhere"),
        box.http.get(_log(closed, "checkpoint")),
        box.cast(closed, b""),
        box.ask_log(),
        box.put(closed),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


class Links(HTMLParser):
    """The links of a page, and whether it has scripts or styles of its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_page_leads_to_every_public_file_of_a_poll_and_to_the_client(box: Box, closed: Poll) -> None:
    page = Links(box.get("/").decode())
    assert f"{CLIENT_URL}/?poll={closed.poll_id.hex()}" in page.links
    own = [link.removeprefix(box.url) for link in page.links]
    names = {link.rpartition("/")[2] for link in own}
    assert names >= {
        "manifest.json", "signatures.json", "state.json", "checkpoint", "result.json", "result.signature",
    }  # fmt: skip
    for link in own:
        if link.startswith("/"):
            assert box.http.get(link).status_code == 200, link
    assert "script" not in page.tags


def test_the_page_speaks_russian_unless_english_is_asked_for(box: Box, poll: Poll) -> None:
    russian, english = box.http.get("/"), box.http.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="ru">' in russian.text
    assert "Где быть скверу" in russian.text
    assert "Идёт до 23 ноября 2026\u00a0г., 20:00\u00a0(МСК+4)" in russian.text
    assert '<html lang="en">' in english.text
    assert "Where to put the park" in english.text
    asked = box.http.get("/?lang=ru", headers={"Accept-Language": "en"})
    assert asked.text.replace("?lang=ru", "") == russian.text
    assert box.http.get("/?lang=en").headers["Content-Language"] == "en"
    assert box.http.get("/?lang=xx").text == asked.text


@pytest.mark.attack("A26")
def test_a_result_is_there_for_spreadsheets_and_no_cell_is_a_formula(box: Box) -> None:
    title = {"ru": "=HYPERLINK(1)", "en": "=HYPERLINK(1)"}
    members = sample_members()["questions"]
    members[0]["options"][0]["text"] = title
    poll = box.publish(questions=members)
    box.cast(poll, box.ballot(poll))
    base = f"/polls/{poll.poll_id.hex()}"
    assert box.http.get(f"{base}/result.csv").status_code == 404
    box.close(poll)
    answer = box.http.get(f"{base}/result.csv", headers={"Accept-Language": "ru"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "вопрос;вариант;что;число"
    assert lines[1] == "Где?;'=HYPERLINK(1);голосов;1"
    assert box.http.get(f"{base}/result.csv?lang=en").text.startswith("\ufeffquestion;option")
    book = box.http.get(f"{base}/result.xlsx")
    assert zipfile.is_zipfile(io.BytesIO(book.data))
    assert book.headers["Content-Disposition"] == 'attachment; filename="result.xlsx"'


@pytest.mark.parametrize(("path", "words"), [
    ("/about", "8-800-100-70-10"), ("/how", "слепой подписью"), ("/observers", "veche-audit verify"),
])  # fmt: skip
def test_the_pages_about_the_project_stand_in_both_languages_and_lead_somewhere(
    box: Box, path: str, words: str
) -> None:
    russian, english = box.http.get(path), box.http.get(f"{path}?lang=en")
    assert words in russian.text
    assert '<html lang="en">' in english.text
    for page in (russian, english):
        found = Links(page.text)
        assert "script" not in found.tags
        for link in found.links:
            if link.startswith("/"):
                answer = box.http.get(link)
                assert answer.status_code == 200 or link == "/log/catalogue/checkpoint", link


def test_polls_are_shown_by_what_is_open_and_by_where_one_lives(box: Box) -> None:
    barnaul = box.publish("ab" * 32)
    coming = box.publish("cd" * 32, opens_at=format_time(NOON + timedelta(minutes=30)),
                         title={"ru": "Скоро", "en": "Soon"},
                         territory=[{"name": "город Бийск", "oktmo": "01705000"}])  # fmt: skip
    page = box.http.get("/").text
    assert page.index("Идут сейчас") < page.index(barnaul.poll_id.hex())
    assert page.index("Скоро начнутся") < page.index(coming.poll_id.hex())
    assert "Завершённые" not in page
    biysk = box.http.get("/?place=01705000").text
    assert coming.poll_id.hex() in biysk
    assert barnaul.poll_id.hex() not in biysk
    everywhere = box.publish("ef" * 32, territory=[{"name": "Алтайский край", "oktmo": "01000000"}])
    assert everywhere.poll_id.hex() in box.http.get("/?place=01705000").text
    assert barnaul.poll_id.hex() in box.http.get("/?place=nowhere").text


def test_the_page_says_how_far_a_poll_is(box: Box) -> None:
    assert "Голосований пока нет" in box.http.get("/").text
    poll = box.publish(opens_at=format_time(NOON + timedelta(minutes=30)))
    assert "Начнётся 23 ноября" in box.http.get("/").text
    box.watch.now = poll.manifest.opens_at
    assert "Идёт до" in box.http.get("/").text
    box.watch.now = poll.manifest.closes_at
    page = box.http.get("/").text
    assert "Завершено" in page
    assert "result.json" not in page


@pytest.mark.attack("A26")
def test_a_title_is_text_on_the_page_and_nothing_else(box: Box) -> None:
    title = "<script>alert(1)</script>\"'&"
    box.publish(title={"ru": title, "en": title})
    page = box.http.get("/").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_address_that_auditors_are_given_is_a_page_for_people(box: Box, closed: Poll) -> None:
    path = f"/polls/{closed.poll_id.hex()}"
    page = box.http.get(path, headers={"Accept-Language": "ru"})
    assert page.content_type == "text/html; charset=utf-8"
    assert f"veche-audit verify {box.settings.url}{path}" in page.text
    assert f'href="{path}/result.json"' in page.text
    assert refusal(box.http.get(f"/polls/{'0' * 64}")) == (404, "poll-unknown")
