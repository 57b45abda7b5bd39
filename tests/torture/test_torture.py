"""Twenty lives of a ballot box, each ended by SIGKILL (`make torture` has five hundred)."""

from pathlib import Path

import pytest

from tests.torture.torture import torture

pytestmark = [pytest.mark.faults, pytest.mark.scenario]

SEED = 1
"""The same fates every time; `make torture` draws others."""
LEAST = {"acknowledged": 21, "checkpoints": 8, "at_failpoints": 5}
WRONG = ("lost", "doubled", "inconsistent", "read_only")


def test_no_acknowledged_ballot_is_lost_or_doubled_and_all_checkpoints_agree(tmp_path: Path) -> None:
    counts = torture(tmp_path, 20, SEED, LEAST)
    assert {name: counts[name] for name in WRONG} == dict.fromkeys(WRONG, 0)
    assert not {name: counts[name] for name, least in LEAST.items() if counts[name] < least}
