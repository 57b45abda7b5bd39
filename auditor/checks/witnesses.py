"""Check 18: whether witnesses saw what the auditor sees."""

from collections.abc import Iterator

from auditor.checks.judging import none_of
from auditor.context import Audit, Failed, Skipped
from crypto.cosignature import cosignatures
from crypto.errors import CryptoError


def witnesses(audit: Audit) -> str:
    """18. Enough witnesses cosigned every log's checkpoint, in time once the poll is closed."""
    known, quorum = audit.brought.witnesses, audit.brought.quorum
    if not known:
        raise Skipped("no witness given (--witness)", leaves_open=False)
    still_open, include_by = audit.leaves.closing is None, audit.poll.manifest.include_by
    counts = []
    for log, note in _witnessed(audit):
        try:
            times = cosignatures(note, known).values()
        except CryptoError as error:
            raise Failed(f"{log}: {error}") from None
        counts.append((sum(still_open or time <= include_by.timestamp() for time in times), log))
    short = [
        f"{log}: {number} witnesses in time where {quorum} are due"
        for number, log in counts
        if number < quorum
    ]
    if short and (still_open or audit.now < include_by):
        raise Skipped("; ".join(short))
    return none_of(short, f"{min(counts)[0]} of {len(known)} witnesses cosigned each of {len(counts)} logs")


def _witnessed(audit: Audit) -> Iterator[tuple[str, bytes]]:
    """The poll log, and the issuance logs that there are (check 16 says which are missing)."""
    _ = audit.checkpoint
    yield "poll log", audit.record.poll_log.checkpoint
    for index, log in enumerate(audit.record.issuance_logs):
        if log.claims is not None:
            yield f"issuance log {index}", log.checkpoint
