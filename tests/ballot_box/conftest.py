"""A ballot box per test."""

from pathlib import Path

import pytest

from shared.manifest import Poll
from tests.ballot_box.box import Box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A fresh ballot box."""
    return Box(tmp_path)


@pytest.fixture
def poll(box: Box) -> Poll:
    """A poll that is open at NOON."""
    return box.publish()
