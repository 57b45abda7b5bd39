"""Checks 10 to 14: every ballot, and those that somebody holds a receipt for."""

from auditor.checks.judging import none, none_of
from auditor.context import Audit, ReceiptFile, Skipped
from crypto.errors import CryptoError
from shared.encoding import from_b64u
from shared.receipt import verify_receipt


def ballots(audit: Audit) -> str:
    """10. Every leaf between is a ballot of this poll."""
    return none(audit.leaves.faults.get("ballots"), f"{audit.leaves.ballots} ballots")


def tokens(audit: Audit) -> str:
    """11. Every ballot has exactly k ascending tokens that verify under the manifest's keys."""
    return none(audit.leaves.faults.get("tokens"), f"tokens of {audit.leaves.ballots} ballots")


def ballot_signatures(audit: Audit) -> str:
    """12. Every ballot signature verifies."""
    return none(audit.leaves.faults.get("ballot-signatures"), f"{audit.leaves.ballots} signatures")


def unique(audit: Audit) -> str:
    """13. No (ballot key, revision) twice."""
    return none(
        audit.leaves.repeated,
        f"{audit.leaves.ballots} ballots, {audit.leaves.replaced} replaced by a later one",
    )


def receipts(audit: Audit) -> str:
    """14. Every receipt given verifies and its leaf is in the log."""
    if not audit.brought.receipts:
        raise Skipped("no receipt given (--receipt)", leaves_open=False)
    key = from_b64u(audit.poll.manifest.ballot_box.statement_key)
    faults, due = [], 0
    for number, receipt in enumerate(audit.brought.receipts):
        if fault := _receipt_fault(audit, key, receipt):
            faults.append(f"receipt {number}: {fault}")
        elif receipt.leaf_hash not in audit.leaves.found:
            if audit.leaves.closing is None and audit.now < audit.poll.manifest.include_by:
                due += 1
            else:
                faults.append(f"receipt {number}: its ballot is not in the log")
    detail = none_of(faults, f"{len(audit.brought.receipts)} receipts")
    if due:
        raise Skipped(f"{due} ballots are still due")
    return detail


def _receipt_fault(audit: Audit, key: bytes, receipt: ReceiptFile) -> str:
    if receipt.poll_id != audit.poll.poll_id:
        return "of another poll"
    try:
        verify_receipt(key, receipt.poll_id, receipt.leaf_hash, receipt.signature)
    except CryptoError as error:
        return str(error)
    return ""
