"""The numbered checks of docs/protocol.md 9.2. Each says what it saw, or raises Failed or Skipped."""

from collections.abc import Callable
from typing import Final, TypeVar

from auditor.checks import ballots, issuance, outcome, poll, poll_log, witnesses
from auditor.client_files import client
from auditor.context import Audit, Failed, Skipped
from auditor.report import Finding, Report

T = TypeVar("T")

Check = Callable[[Audit], str]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("manifest", poll.manifest),
    ("trust", poll.trust),
    ("manifest-signatures", poll.manifest_signatures),
    ("parameters", poll.parameters),
    ("checkpoint", poll_log.checkpoint),
    ("tree", poll_log.tree),
    ("consistency", poll_log.consistency),
    ("first-leaf", poll_log.first_leaf),
    ("closing", poll_log.closing),
    ("ballots", ballots.ballots),
    ("tokens", ballots.tokens),
    ("ballot-signatures", ballots.ballot_signatures),
    ("unique", ballots.unique),
    ("receipts", ballots.receipts),
    ("result", outcome.result),
    ("issuance", issuance.issuance),
    ("other-polls", poll.other_polls),
    ("witnesses", witnesses.witnesses),
    ("catalogue", poll.catalogue),
    ("opening", outcome.opening),
    ("client", client),
)
"""Ids and checks in the order of docs/protocol.md 9.2."""


def run_checks(audit: Audit) -> Report:
    """Run every check; none is left out because another failed."""
    findings = tuple(_run(audit, number, name, check) for number, (name, check) in enumerate(CHECKS, 1))
    return Report(audit.record.poll_id, _had(lambda: audit.poll), findings, _had(lambda: audit.count))


def _run(audit: Audit, number: int, name: str, check: Check) -> Finding:
    try:
        return Finding(number, name, "PASS", check(audit))
    except Failed as failed:
        return Finding(number, name, "FAIL", failed.detail, failed.faults)
    except Skipped as skipped:
        return Finding(number, name, "SKIPPED", skipped.reason, leaves_open=skipped.leaves_open)


def _had(part: Callable[[], T]) -> T | None:
    try:
        return part()
    except Skipped:
        return None
