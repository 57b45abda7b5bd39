"""Checks 5 to 9: the poll log, from its first leaf to the closing record."""

from auditor.checks.judging import none, none_of
from auditor.checks.logs import check_tree, signed
from auditor.context import Audit, Failed, SeenHead, Skipped
from auditor.faults import Faults
from crypto.errors import CryptoError
from shared.closing import ClosingInvalid, read_poll_closing
from shared.statements import StatementInvalid, read_cancellation


def checkpoint(audit: Audit) -> str:
    """5. The poll log's checkpoint is signed by the manifest's log key."""
    head = signed(audit.record.poll_log, audit.keys.poll_log)
    return f"size {head.size}, root {head.root.hex()}"


def tree(audit: Audit) -> str:
    """6. Entries, tiles and root recomputed, equal."""
    scan = audit.poll_scan
    check_tree(audit.record.poll_log.claims, scan)
    return f"{scan.size} leaves, {scan.tiles} tiles"


def consistency(audit: Audit) -> str:
    """7. Every checkpoint seen earlier is a prefix of its log: of the poll log or an issuance log."""
    if not audit.brought.checkpoints:
        raise Skipped("no earlier checkpoint given (--checkpoint)", leaves_open=False)
    faults, untold = [], []
    for number, seen in enumerate(audit.seen_checkpoints):
        try:
            if fault := _prefix_fault(audit, seen):
                faults.append(f"checkpoint {number}: {fault}")
        except Skipped as skipped:
            untold.append(f"checkpoint {number}: {skipped.reason}")
    detail = none_of(faults, f"{len(audit.seen_checkpoints)} earlier checkpoints")
    if untold:
        raise Skipped("; ".join(untold))
    return detail


def _prefix_fault(audit: Audit, seen: SeenHead | CryptoError) -> str:
    """What is wrong with an earlier checkpoint, or nothing. Raises Skipped where its log is not whole."""
    if isinstance(seen, CryptoError):
        return str(seen)
    scan, size = audit.leaves_of(seen.issuer), seen.head.size
    if size > scan.size:
        return f"{size} leaves were signed, the log has {scan.size}"
    if scan.roots[size] != seen.head.root:
        return f"another history at {size} leaves"
    return ""


def first_leaf(audit: Audit) -> str:
    """8. Leaf 0 is the manifest."""
    if not audit.leaves.size or "first-leaf" in audit.leaves.faults:
        raise Failed("leaf 0 is not this manifest")
    return "leaf 0 is the manifest"


def closing(audit: Audit) -> str:
    """9. Exactly one closing record, last; it names the number of ballots."""
    scan = audit.leaves
    if scan.closing is None:
        if audit.now < audit.poll.manifest.include_by:
            raise Skipped("the poll is not closed yet")
        raise Failed("there is no closing record and its time is over")
    at, leaf = scan.closing
    after = Faults()
    for index in range(at + 1, scan.size):
        after.add(f"leaf {index}: after the closing record")
    none(after, "")
    if audit.is_cancelled:
        return _cancelled(audit, leaf, at)
    try:
        named = read_poll_closing(leaf, audit.poll.poll_id)
    except ClosingInvalid as error:
        raise Failed(f"leaf {at}: {error}") from None
    if named != at - 1:
        raise Failed(f"the closing record names {named} ballots, {at - 1} stand before it")
    return f"closed with {named} ballots"


def _cancelled(audit: Audit, leaf: bytes, at: int) -> str:
    try:
        statement = read_cancellation(leaf, audit.poll)
    except StatementInvalid as error:
        raise Failed(f"leaf {at}: {error}") from None
    return f"cancelled after {at - 1} ballots, signed by {len(statement.signatures)} issuers"
