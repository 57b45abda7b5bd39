"""One look: the pages of issuer and ballot box use the client's colours and measures by the same names."""

import re
from pathlib import Path

import pytest

from tests.programs.installation import REPOSITORY

TOKENS = REPOSITORY / "client" / "src" / "ui" / "style" / "tokens.css"
"""The authority."""
SHEETS = sorted(
    path
    for service in ("issuer", "ballot_box", "shared")
    for path in (REPOSITORY / service).rglob("*.css")
    if "prefers-color-scheme" in path.read_text("utf-8")
)


def tokens(sheet: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Custom properties and their values in the light and in the dark theme."""
    light, _, dark = sheet.read_text("utf-8").partition("@media (prefers-color-scheme: dark)")
    return _properties(light), _properties(dark.partition("}")[0])


def _properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"(--[a-z-]+):\s*([^;]+);", text))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_repeats_the_tokens_as_they_are(sheet: Path) -> None:
    for theirs, ours in zip(tokens(sheet), tokens(TOKENS), strict=True):
        shared = theirs.keys() & ours.keys()
        assert {"--ground", "--paper", "--ink", "--line", "--accent"} <= shared
        assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
