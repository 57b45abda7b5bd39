"""An honest election per test, and its trust root."""

from pathlib import Path

import pytest

from tests.simulator import Election, honest_election


@pytest.fixture
def election() -> Election:
    """An honest election, over."""
    return honest_election()


@pytest.fixture
def trust(election: Election, tmp_path: Path) -> str:
    """The file of its trust root."""
    assert election.trust is not None
    (tmp_path / "trust.json").write_bytes(election.trust.to_bytes())
    return str(tmp_path / "trust.json")
