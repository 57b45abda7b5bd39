"""Cancellations and decisions, docs/protocol.md 3.7: checked, kept, and a cancelled poll's log closed."""

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.catalogue import enter, publish_catalogue
from ballot_box.polls import known_poll
from ballot_box.publishing import check_current, publish
from ballot_box.sequencing import sequence_ballots
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from shared.db import read, write
from shared.log.sequencer import head_of
from shared.refusals import ManifestRefused, PollClosed, PollNotOpen
from shared.statements import Statement, StatementInvalid, verify_statement


def accept_statement(box: Services, statement: Statement) -> bool:
    """Publish a statement; False if it is there. A cancellation closes the poll at once.

    Raises BoxReadOnly, StorageFull, PollUnknown, ManifestRefused (it does not verify, or another is there),
    PollClosed (too late to cancel), PollNotOpen (too early to decide).
    """
    box.check_accepting()
    with read(box.engine) as conn:
        poll = known_poll(conn, statement.poll_id)
    try:
        verify_statement(poll.keys.poll, statement)
    except StatementInvalid as invalid:
        raise ManifestRefused(str(invalid)) from None
    with write(box.engine) as conn:
        added = _add(box, conn, poll, statement)
    publish(box, poll)
    publish_catalogue(box)
    return added


def _add(box: Services, conn: Connection, poll: StoredPoll, statement: Statement) -> bool:
    if not store.add_statement(conn, statement):
        if store.find_statement(conn, poll.poll_id, statement.kind) != statement.encoded:
            raise ManifestRefused("another statement of this kind is there")
        return False
    if statement.kind == "cancellation":
        _close(box, conn, poll, statement)
    elif box.clock() < poll.manifest.closes_at:
        raise PollNotOpen
    enter(box, conn, statement.leaf)
    return True


def _close(box: Services, conn: Connection, poll: StoredPoll, statement: Statement) -> None:
    """What was acknowledged is sequenced first: a receipt holds for a cancelled poll, too."""
    head = head_of(conn, tables.log, poll.log_id)
    check_current(box, poll, head)
    if head.closed or box.clock() >= poll.manifest.closes_at:
        raise PollClosed
    sequence_ballots(box, conn, poll, closing=lambda _size: statement.leaf)
