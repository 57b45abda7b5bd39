"""The one table from refusals to problems is total, and says what docs/protocol.md section 10 says."""

import re
from pathlib import Path

import pytest
from flask import Flask

from shared import refusals
from shared.refusals import Refusal
from shared.web.problems import PROBLEMS, TYPE_PREFIX, register_problems

PROTOCOL = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text("utf-8")
SECTION = PROTOCOL.partition("\n## 10.")[2].partition("\n## 11.")[0]
EVERY = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
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


def test_an_unexpected_exception_tells_nothing() -> None:
    app = Flask(__name__)
    register_problems(app)

    @app.get("/")
    def fail() -> str:
        raise RuntimeError("a secret of the inside")

    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert b"secret" not in answer.data
