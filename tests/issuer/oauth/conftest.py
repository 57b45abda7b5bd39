"""A town per test."""

from pathlib import Path

import pytest

from tests.issuer.oauth.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A fresh town."""
    return Town(tmp_path)
