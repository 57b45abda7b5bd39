"""The Makefile: what the documentation calls is there, and each target knows how to get what it needs."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0].split()


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_has_all_that_it_needs(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr.decode()


def test_every_target_that_the_documentation_names_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "".join(page.read_text("utf-8") for page in pages)
    named = set(re.findall(r"`make ([a-z-]+)(?!/|[a-z-])", text))
    assert named
    assert named <= set(TARGETS)
