"""`make attacks`: run what stands against each row of docs/attacks.md; the last line is one JSON object.

A row fails when one of its tests fails, or when none of them could run.
"""

import json
import sys
from collections import Counter, defaultdict

import pytest

from tests.attacks.registry import STATUSES, rows


class Outcomes:
    """What became of the tests of each row: passed, failed or skipped."""

    def __init__(self) -> None:
        self.by_row: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the outcome of a test, or of the preparation that kept it from running."""
        if report.when == "call" or report.outcome != "passed":
            for name, row in report.user_properties:
                if name == "attack":
                    self.by_row[str(row)][report.outcome] += 1


def main(arguments: list[str]) -> int:
    """0 if everything stands."""
    outcomes = Outcomes()
    code = pytest.main(["-m", "attack", "-q", *arguments], plugins=[outcomes])
    registry = rows()
    failing = []
    for row in registry.values():
        seen = outcomes.by_row[row.id]
        held = seen["passed"] > 0 or row.status == "limitation"
        if seen["failed"] or not held:
            failing.append(row.id)
        tests = ", ".join(f"{number} {outcome}" for outcome, number in sorted(seen.items())) or "no test"
        print(f"{row.id:>4} {row.status:<10} {tests}", file=sys.stderr)
    statuses = Counter(row.status for row in registry.values())
    counts = {"rows": len(registry)} | {status: statuses[status] for status in STATUSES}
    print(json.dumps(counts | {"failing": failing}))
    return int(bool(failing) or code != pytest.ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
