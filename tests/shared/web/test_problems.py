"""The one table from refusals to problems is total, and says what docs/protocol.md section 10 says."""

import re
from pathlib import Path

import pytest
from flask import Flask

from shared import refusals
from shared.refusals import Refusal
from shared.web.openapi import interface
from shared.web.problems import PROBLEMS, TYPE_PREFIX, register_problems

PROTOCOL = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text("utf-8")
SECTION = PROTOCOL.partition("\n## 10.")[2].partition("\n## 11.")[0]
EVERY = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""What browsers accept when somebody opens an address."""
WORDS = [kind for kind in EVERY if kind is not Refusal]


def test_every_refusal_has_its_problem_and_every_slug_is_its_own() -> None:
    assert set(PROBLEMS) == set(WORDS)
    assert len({kind.slug for kind in WORDS}) == len(WORDS)


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.slug)
def test_the_protocol_names_every_slug_with_its_status(kind: type[Refusal]) -> None:
    assert f"`{kind.slug}`" in SECTION
    for line in SECTION.splitlines():
        row = re.match(r"\| (?P<slugs>[^|]+) \| (?P<status>\d{3}) \|", line)
        if row and f"`{kind.slug}`" in row["slugs"]:
            assert PROBLEMS[kind].status == int(row["status"])


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.slug)
def test_a_refusal_is_answered_as_a_problem_in_the_language_asked_for(kind: type[Refusal]) -> None:
    app = Flask(__name__)
    register_problems(app)

    @app.get("/")
    def refuse() -> str:
        raise kind("a secret of the inside")

    client = app.test_client()
    russian = client.get("/")
    english = client.get("/", headers={"Accept-Language": "en"})
    assert russian.content_type == "application/problem+json"
    assert russian.status_code == PROBLEMS[kind].status == russian.get_json(force=True)["status"]
    assert russian.get_json(force=True)["type"] == TYPE_PREFIX + kind.slug
    assert russian.get_json(force=True)["detail"] == PROBLEMS[kind].ru
    assert english.get_json(force=True)["detail"] == PROBLEMS[kind].en
    assert b"secret" not in russian.data + english.data
    assert ("Retry-After" in russian.headers) == (russian.status_code == 503)


def test_a_person_gets_a_page_in_both_languages_and_a_program_a_document() -> None:
    app = Flask(__name__)
    app.register_blueprint(interface)
    register_problems(app, home="https://polls.example/")
    client = app.test_client()
    page = client.get("/nowhere", headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Такой страницы нет" in page.text
    assert "There is no such page" in page.text
    assert 'href="https://polls.example/"' in page.text
    for accept in ("*/*", "application/json", "application/problem+json,text/html;q=0.5"):
        assert client.get("/nowhere", headers={"Accept": accept}).mimetype == "application/problem+json"
    posted = client.post("/nowhere", headers={"Accept": BROWSER})
    assert posted.mimetype == "application/problem+json"


def test_an_unexpected_exception_tells_nothing() -> None:
    app = Flask(__name__)
    register_problems(app)

    @app.get("/")
    def fail() -> str:
        raise RuntimeError("a secret of the inside")

    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert b"secret" not in answer.data
