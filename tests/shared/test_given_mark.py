"""The number of tokens or receipts given, outside of the database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.given_mark import Forgotten, GivenMark


def test_a_mark_only_rises_whoever_comes_last(tmp_path: Path) -> None:
    mark = GivenMark(tmp_path / "given" / "issued.mark", "tokens")
    mark.check(0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(mark.raise_to, [3, 12, 7, 9] * 5))
    mark.check(12)
    with pytest.raises(Forgotten, match="12 tokens were given, the database knows of 11"):
        mark.check(11)


@pytest.mark.faults
def test_a_mark_that_was_made_and_never_written_stops_nothing(tmp_path: Path) -> None:
    mark = GivenMark(tmp_path / "given" / "issued.mark", "tokens")
    mark.path.parent.mkdir()
    mark.path.touch()
    mark.check(0)
    mark.raise_to(1)
    with pytest.raises(Forgotten):
        mark.check(0)


@pytest.mark.faults
@pytest.mark.parametrize("damaged", [b"12\n", b"x" * 20])
def test_a_mark_that_does_not_read_stops_the_service(tmp_path: Path, damaged: bytes) -> None:
    mark = GivenMark(tmp_path / "given" / "issued.mark", "tokens")
    mark.path.parent.mkdir()
    mark.path.write_bytes(damaged)
    with pytest.raises(Forgotten, match="does not read"):
        mark.check(100)
