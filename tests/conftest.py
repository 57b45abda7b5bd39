"""What all tests share: how hard hypothesis tries, and where the vectors of other people lie."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

EXAMPLES = 60

settings.register_profile("default", deadline=None, max_examples=EXAMPLES)
settings.register_profile("torture", deadline=None, max_examples=20 * EXAMPLES)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder of third-party vectors, which lies beside the checkout and is not part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/vectors is not there")
    return folder
