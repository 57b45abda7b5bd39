"""docs/attacks.md as rows, and the tests that name them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
REGISTRY: Final = REPOSITORY / "docs" / "attacks.md"
THREAT_MODEL: Final = REPOSITORY / "docs" / "threat-model.md"
STATUSES: Final = ("prevented", "detected", "partly", "limitation")

_ROW = re.compile(r"\| (A\d+) \|(.*)\| (\w+)(?:: (.+?))? \|")


@dataclass(frozen=True, slots=True)
class Row:
    """One attack. `rest`: what is not protected, as docs/threat-model.md says it; empty if nothing is."""

    id: str
    story: str
    status: str
    rest: str


def rows() -> dict[str, Row]:
    """All rows by their id."""
    found = map(_ROW.fullmatch, REGISTRY.read_text("utf-8").splitlines())
    return {
        match[1]: Row(match[1], match[2].strip(), match[3], match[4] or "")
        for match in found
        if match is not None
    }


def named_rows() -> set[str]:
    """The rows that some test names: by its mark, or by `attack=` where a case becomes a test."""
    sources = sorted((REPOSITORY / "tests").rglob("*.py"))
    return {row for source in sources for row in _named_in(ast.parse(source.read_bytes()))}


def _named_in(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            marked = isinstance(node.func, ast.Attribute) and node.func.attr == "attack"
            given = [keyword.value for keyword in node.keywords if keyword.arg == "attack"]
            for value in (*(node.args if marked else ()), *given):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value
