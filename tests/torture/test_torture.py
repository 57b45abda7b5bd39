"""Twenty lives of a ballot box, each ended by SIGKILL (`make torture` has five hundred)."""

import secrets
from pathlib import Path

import pytest

from tests.torture.torture import torture

pytestmark = [pytest.mark.faults, pytest.mark.scenario]


def test_no_acknowledged_ballot_is_lost_or_doubled_and_all_checkpoints_agree(tmp_path: Path) -> None:
    seed = secrets.randbits(32)
    counts = torture(tmp_path, 20, seed, checkpoints=8)
    assert counts["acknowledged"] > 20, f"seed {seed}"
    assert counts["checkpoints"] >= 8, f"seed {seed}"
    assert counts["at_failpoints"] >= 5, f"seed {seed}"
    wrong = {name: counts[name] for name in ("lost", "doubled", "inconsistent", "read_only")}
    assert set(wrong.values()) == {0}, f"seed {seed}: {wrong}"
