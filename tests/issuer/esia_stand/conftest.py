"""One prepared directory for all tests, a fresh stand for each."""

import shutil
from pathlib import Path

import pytest

from issuer.esia_stand.register import register
from tests.issuer.esia_stand.desk import Desk


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the stand's keys and two clients."""
    state = tmp_path_factory.mktemp("stand")
    register(state)
    register(state, "OTHER22", name="other")
    return state


@pytest.fixture
def desk(prepared: Path) -> Desk:
    """A stand with RS256 tokens."""
    return Desk(prepared)


@pytest.fixture
def own_desk(prepared: Path, tmp_path: Path) -> Desk:
    """A stand over a directory of its own."""
    return Desk(Path(shutil.copytree(prepared, tmp_path / "stand")))
