"""From what was found wrong to a verdict on a check."""

from auditor.context import Failed
from auditor.faults import Faults


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
