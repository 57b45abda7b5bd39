"""Checks 15 and 20: what a poll ended with."""

from auditor.checks.judging import need
from auditor.context import Audit, Failed, Skipped
from crypto.errors import CryptoError
from shared.encoding import EncodingRefused, from_b64u
from shared.result import result_statement, verify_result
from shared.sealing import OpeningInvalid, parse_opening, verify_opening


def result(audit: Audit) -> str:
    """15. The signed result names this checkpoint and equals the recount."""
    if audit.leaves.closing is None:
        raise Skipped("the poll is not closed yet")
    record, head = audit.record, audit.checkpoint
    need(record, "result.json", "result.signature")
    if audit.is_cancelled:
        if record.result:
            raise Failed("a cancelled poll has a result")
        raise Skipped("the poll is cancelled", leaves_open=False)
    sealed = audit.poll.manifest.sealing is not None
    if not record.result:
        if sealed or audit.now < audit.poll.manifest.include_by:
            raise Skipped("the result is not published yet")
        raise Failed("there is no result and its time is over")
    if sealed:
        need(record, "opening.json")
    if sealed and not record.opening:
        raise Failed("there is a result of a poll that nobody opened")
    try:
        signature = from_b64u(record.result_signature.decode("ascii"), size=64)
        verify_result(from_b64u(audit.poll.manifest.ballot_box.statement_key), record.result, signature)
    except (CryptoError, EncodingRefused, UnicodeDecodeError) as error:
        raise Failed(f"the result's signature: {type(error).__name__}") from None
    if record.result != result_statement(audit.poll.poll_id, audit.count, size=head.size, root=head.root):
        raise Failed("the published result is not the recount of this log")
    return f"{audit.count.valid} valid, {audit.count.invalid} invalid"


def opening(audit: Audit) -> str:
    """20. A sealed poll is opened after its closing, by the key that its manifest names; no other poll is."""
    sealing, found = audit.poll.manifest.sealing, audit.record.opening
    if sealing is None:
        if found:
            raise Failed("there is an opening of a poll that is not sealed")
        return "the answers are not sealed"
    need(audit.record, "opening.json")
    if audit.is_cancelled:
        if found:
            raise Failed("a cancelled poll is opened")
        return "cancelled, and not opened"
    if audit.leaves.closing is None:
        if found:
            raise Failed("opened before the closing record")
        raise Skipped("the poll is not closed yet")
    if not found:
        raise Skipped("the poll waits for its opening")
    try:
        verify_opening(audit.poll, parse_opening(found))
    except OpeningInvalid as invalid:
        raise Failed(str(invalid)) from None
    if sealing.custodian == "automatic":
        return "opened by the ballot box, which had the key"
    return f"opened by {sealing.threshold} of {len(sealing.trustees)} trustees"
