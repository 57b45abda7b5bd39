"""The documentation holds together: links lead somewhere, and what is cited of the protocol is there."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = ("crypto", "shared", "issuer", "ballot_box", "auditor", "client/src", "tests", "bench")
CITED = re.compile(r"protocol(?:\.md)?,? (?:sections? )?((?:\d+(?:\.\d+)?(?:, | and | to )?)+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    for target in targets:
        if not target.startswith("https://"):
            path, _, heading = target.partition("#")
            found = page.parent / path if path else page
            assert found.exists(), target
            assert not heading or heading in _headings(found), target


def test_every_cited_section_of_the_protocol_is_there() -> None:
    known = set(re.findall(r"^(?:## )?(\d+(?:\.\d+)?)\b", _text(ROOT / "docs" / "protocol.md"), re.MULTILINE))
    cited = {section: path for path, section in _citations()}
    assert len(cited) > 40
    assert {section: cited[section] for section in cited.keys() - known} == {}


def _citations() -> Iterator[tuple[Path, str]]:
    sources = (path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.*")))
    for path in (*PAGES, *(path for path in sources if path.suffix in (".py", ".ts", ".tsx"))):
        for sections in CITED.findall(_text(path)):
            yield from ((path, section) for section in re.findall(r"\d+(?:\.\d+)?", sections))


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", _text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")
