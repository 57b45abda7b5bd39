"""Casting, docs/protocol.md 6.4 and 6.5: verify, store durably, then promise."""

from dataclasses import dataclass

from ballot_box import store, tables
from ballot_box.polls import known_poll
from ballot_box.publishing import check_current
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from crypto.merkle import leaf_hash
from shared.ballot import Ballot
from shared.db import read, write
from shared.log.sequencer import append, head_of
from shared.poll_keys import verify_ballot
from shared.receipt import sign_receipt
from shared.refusals import BallotAlreadyCast, PollClosed, PollNotOpen


@dataclass(frozen=True, slots=True)
class Receipt:
    """The signed promise (64 bytes) that a leaf (its 32-byte hash) will be in the log by `include_by`."""

    leaf_hash: bytes
    signature: bytes


def cast(box: Services, poll_id: bytes, data: bytes) -> Receipt:
    """Take a ballot's bytes. The same bytes get the same receipt, also after closing.

    Raises BoxReadOnly, StorageFull, PollUnknown, BallotMalformed, TokenInvalid, BallotSignatureInvalid,
    AnswersInvalid, BallotAlreadyCast, PollNotOpen, PollClosed; then nothing has changed.
    """
    box.check_accepting()
    with read(box.engine) as conn:
        poll = known_poll(conn, poll_id)
    ballot = verify_ballot(poll.keys, data)
    leaf = leaf_hash(data)
    _store(box, poll, ballot, data, leaf)
    return Receipt(leaf, sign_receipt(box.state.statement_seed(), poll_id, data))


def _store(box: Services, poll: StoredPoll, ballot: Ballot, data: bytes, leaf: bytes) -> None:
    """One transaction: the key is bound, the window holds, the leaf waits; or nothing of it."""
    poll_id, key, revision = ballot.poll_id, ballot.ballot_key, ballot.revision
    with write(box.engine) as conn:
        head = head_of(conn, tables.log, poll.log_id)
        check_current(box, poll, head)
        if not store.add_ballot_key(conn, poll_id, key, revision, leaf):
            if store.leaf_of(conn, poll_id, key, revision) != leaf:
                raise BallotAlreadyCast
            return
        now = box.clock()
        if now < poll.manifest.opens_at:
            raise PollNotOpen
        if now >= poll.manifest.closes_at or head.closed:
            raise PollClosed
        append(conn, tables.log, poll.log_id, data)
