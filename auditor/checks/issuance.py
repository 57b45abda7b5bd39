"""Check 16: the issuance logs."""

from auditor.checks.judging import none_of
from auditor.checks.logs import check_tree, signed
from auditor.context import Audit, Failed, Skipped
from auditor.faults import Faults
from auditor.record import LogHead
from auditor.scan import Scan
from shared.closing import ClosingInvalid, read_issuance_closing


def issuance(audit: Audit) -> str:
    """16. Each issuance log is whole and closed; ballots with its token <= its issuances."""
    _ = audit.keys
    faults, counts, skipped = [], [], list[Skipped]()
    for index, (log, scan) in enumerate(zip(audit.record.issuance_logs, audit.issuance_scans, strict=True)):
        try:
            counts.append(_issued(audit, index, log, scan))
        except Failed as failed:
            faults += [f"issuer {index}: {failed.detail}", *failed.faults]
        except Skipped as reason:
            skipped.append(reason)
    if skipped and not faults:
        raise skipped[0]
    return none_of(faults, f"issued {', '.join(map(str, counts))}")


def _issued(audit: Audit, index: int, log: LogHead, scan: Scan) -> int:
    if not log.checkpoint and not log.unreachable and audit.now < audit.poll.manifest.closes_at:
        raise Skipped("the issuance log is not published yet")
    check_tree(signed(log, audit.keys.issuance_logs[index]), scan)
    named = _issuance_closed(audit, scan)
    wrong = scan.faults.get("issuance", Faults())
    if wrong.number or named != scan.size - 1:
        raise Failed(
            f"the closing record names {named} issuances, {scan.size - 1} leaves stand before it",
            wrong.lines(),
        )
    used = audit.leaves.used[index]
    if used > named:
        raise Failed(f"{used} ballots bear its token, {named} were issued")
    return named


def _issuance_closed(audit: Audit, scan: Scan) -> int:
    if scan.closing is None and audit.now < audit.poll.manifest.include_by:
        raise Skipped("the issuance log is not closed yet")
    at, leaf = scan.closing or (scan.size - 1, b"")
    try:
        named = read_issuance_closing(leaf, audit.poll.poll_id)
    except ClosingInvalid as error:
        raise Failed(f"its last leaf is no closing record: {error}") from None
    if at != scan.size - 1:
        raise Failed(f"{scan.size - 1 - at} leaves after the closing record")
    return named
