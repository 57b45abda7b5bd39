"""From what was found to the outcome of a check."""

from auditor.context import Failed, Skipped
from auditor.faults import Faults
from auditor.record import Record


def none(faults: Faults | None, passed: str) -> str:
    """`passed` where nothing was found. Raises Failed with every fault."""
    if faults and faults.number:
        raise Failed(f"{faults.number} faults", faults.lines())
    return passed


def none_of(faults: list[str], passed: str) -> str:
    """`passed` where the list is empty. Raises Failed with it."""
    if faults:
        raise Failed(f"{len(faults)} faults", faults)
    return passed


def need(record: Record, *names: str) -> None:
    """Raises Skipped when the source did not answer for one of these files: that proves nothing."""
    for name in names:
        if name in record.unreachable:
            raise Skipped(record.unreachable[name])
