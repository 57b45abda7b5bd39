"""What all tests share: how hard hypothesis tries, and where the vectors of other people lie.

The same examples every time, so that what passes here passes elsewhere: `make torture` draws new ones.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import databases
from tests.e2e.chromium import FLAGS, WAIT_MS, find
from tests.programs.processes import Processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.front import Front
    from tests.running_witness import RunningWitness

EXAMPLES = 60

LONG = ("test_journey.py", "test_office.py", "test_several_issuers.py", "test_kill_points.py")
"""They wait for polls to close, a minute or more: the rest of all tests fills that time."""

SLOW = (HealthCheck.too_slow,)
"""A busy machine is no fault."""

settings.register_profile(
    "default", deadline=None, max_examples=EXAMPLES, derandomize=True, suppress_health_check=SLOW
)
settings.register_profile("torture", deadline=None, max_examples=20 * EXAMPLES, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder of third-party vectors, which lies beside the checkout and is not part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/vectors is not there")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The system's Chromium, one for all tests of a process: Playwright runs only once in it."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MS)
    path = find()
    if path is None:
        pytest.skip("no Chromium: see `python -m tests.e2e.chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Programs that are stopped after the test; their logs are in `logs`."""
    running = Processes(tmp_path / "logs")
    try:
        yield running
    finally:
        running.stop_all()


@pytest.fixture
def front() -> Iterator["Front"]:
    """The address of a box."""
    from tests.front import Front

    front = Front()
    yield front
    front.stop()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator["RunningWitness"]:
    """A witness that serves."""
    from tests.running_witness import RunningWitness

    witness = RunningWitness(tmp_path / "witness")
    yield witness
    witness.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both_databases` runs on each, unless DATABASE names one for all."""
    if metafunc.definition.get_closest_marker("both_databases") and databases.DEFAULT == "sqlite":
        on_postgresql = pytest.param("postgresql", marks=pytest.mark.postgres)
        metafunc.parametrize("database", ["sqlite", on_postgresql], indirect=True)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """A command that a test runs in this process has configured the logs for itself alone."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database that this test stands on."""
    name = str(getattr(request, "param", databases.DEFAULT))
    if name != "sqlite" and request.node.get_closest_marker("sqlite"):
        pytest.skip("about SQLite itself")
    databases.choose(name)
    with databases.databases_dropped():
        yield name
    databases.choose(databases.DEFAULT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; let each report say which rows of docs/attacks.md its test stands for."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
    for item in items:
        rows = [str(row) for mark in item.iter_markers("attack") for row in mark.args]
        item.user_properties += [("attack", row) for row in rows]
