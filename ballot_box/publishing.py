"""Publication of what is committed, and the stop when the database does not fit what was signed."""

import structlog

from ballot_box import tables
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from shared.given_mark import Forgotten
from shared.log import publisher
from shared.log.sequencer import Head, LogDamaged
from shared.log.signer import LogRolledBack
from shared.refusals import BoxReadOnly


def publish(box: Services, poll: StoredPoll) -> bool:
    """Sign and store the checkpoint of a poll log's committed head; repeatable.

    False while it waits for witnesses. Raises BoxReadOnly when the database is behind, or differs from, what
    was signed: then the box takes nothing more.
    """
    return publish_log(box, poll.log_id, poll.keys.poll_log.name)


def publish_log(box: Services, log_id: str, origin: str) -> bool:
    """`publish` for any log of this box."""
    try:
        with box.state.alone("publish"):
            signer = box.state.log_signer(log_id, origin)
            note = publisher.publish(box.engine, tables.log, log_id, signer, box.witnesses.cosigned)
            return note is not None
    except (LogRolledBack, LogDamaged) as error:
        stop(box, log_id, error)
        raise BoxReadOnly from error


def check_current(box: Services, poll: StoredPoll, head: Head) -> None:
    """Check, inside a writing transaction, that its head is not older than the last one signed.

    So a restored old database is noticed at the door, before the worker next signs. Raises BoxReadOnly.
    """
    check_head(box, poll.log_id, poll.keys.poll_log.name, head)


def check_head(box: Services, log_id: str, origin: str, head: Head) -> None:
    """`check_current` for any log of this box."""
    try:
        last = box.state.log_signer(log_id, origin).last_signed()
        if last is not None and last.size > head.size:
            raise LogRolledBack(f"the database has {head.size} leaves, {last.size} were signed")
        if last is not None and last.size == head.size and last.root != head.root:
            raise LogRolledBack(f"another history than was signed at {last.size} leaves")
    except LogRolledBack as error:
        stop(box, log_id, error)
        raise BoxReadOnly from error


def check_remembered(box: Services, poll: StoredPoll, accepted: int) -> None:
    """Check, inside a writing transaction, that the database knows of every ballot that has a receipt.

    So an old database is noticed, too, that forgot ballots which no signed head tells of yet. Raises
    BoxReadOnly.
    """
    try:
        box.state.receipts_mark(poll.log_id).check(accepted)
    except Forgotten as error:
        stop(box, poll.log_id, error)
        raise BoxReadOnly from error


def stop(box: Services, log_id: str, error: Exception) -> None:
    """Make the box read-only, loudly."""
    reason = f"{type(error).__name__}: {error}"
    box.state.stop_writing(f"log {log_id}: {reason}")
    structlog.get_logger().critical("box-read-only", log_id=log_id, error=reason)
