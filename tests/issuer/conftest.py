"""An office per test."""

from pathlib import Path

import pytest

from tests.issuer.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A fresh issuer."""
    return Office(tmp_path)
