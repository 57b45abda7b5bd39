"""What is asked of any log: a signed checkpoint, and a tree that gives its root."""

from auditor.checks.judging import none
from auditor.context import Failed, Skipped
from auditor.record import LogHead
from auditor.scan import Scan
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey


def signed(log: LogHead, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a log, its signature verified. Raises Failed, Skipped."""
    if log.unreachable:
        raise Skipped(log.unreachable)
    try:
        return open_checkpoint(log.checkpoint, key)
    except CryptoError as error:
        raise Failed(f"checkpoint: {error}") from None


def check_tree(head: Checkpoint | None, scan: Scan) -> None:
    """Whether a pass over a log gave what its checkpoint says. Raises Failed, Skipped."""
    if scan.unreachable:
        raise Skipped(scan.unreachable)
    if scan.missing or head is None:
        raise Failed(f"not whole: {scan.missing}")
    if (scan.size, scan.root) != (head.size, head.root):
        raise Failed("the entries do not give the checkpoint's root")
    none(scan.wrong_tiles, "")
