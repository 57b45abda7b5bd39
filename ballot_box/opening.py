"""The opening of a sealed poll, docs/protocol.md 8.6: checked, kept, published; or made by this box."""

from sqlalchemy import Connection

from ballot_box import store
from ballot_box.catalogue import enter, publish_catalogue
from ballot_box.polls import known_poll, published_state
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from shared.db import read, write
from shared.refusals import OpeningRefused, OpeningTooEarly
from shared.sealing import Opening, OpeningInvalid, parse_opening, verify_opening


def accept_opening(box: Services, opening: Opening) -> bool:
    """Publish an opening, whoever brings it; False if it is there.

    Raises BoxReadOnly, StorageFull, PollUnknown, OpeningRefused (another key, not sealed, cancelled),
    OpeningTooEarly (before the closing record is published).
    """
    box.check_accepting()
    with read(box.engine) as conn:
        poll = known_poll(conn, opening.poll_id)
    try:
        verify_opening(poll.keys.poll, opening)
    except OpeningInvalid as invalid:
        raise OpeningRefused(str(invalid)) from None
    with write(box.engine) as conn:
        added = _add(box, conn, poll, opening)
    publish_catalogue(box)
    return added


def open_by_itself(box: Services, poll: StoredPoll) -> None:
    """Open a closed poll of which this box is the automatic custodian; nothing happens to others. Repeatable.

    Raises as `accept_opening` does, and KeysMissing.
    """
    sealing = poll.manifest.sealing
    if sealing is not None and sealing.custodian == "automatic":
        accept_opening(box, Opening(poll.poll_id, box.state.sealing_key(poll.log_id)))


def published_opening(conn: Connection, poll: StoredPoll) -> Opening | None:
    """The opening of a poll, once there is one."""
    found = store.find_statement(conn, poll.poll_id, "opening")
    return None if found is None else parse_opening(found)


def _add(box: Services, conn: Connection, poll: StoredPoll, opening: Opening) -> bool:
    if store.find_statement(conn, poll.poll_id, "cancellation") is not None:
        raise OpeningRefused("the poll is cancelled")
    if not published_state(conn, poll).closed:
        raise OpeningTooEarly
    if not store.add_opening(conn, opening):
        return False
    enter(box, conn, opening.entry)
    return True
