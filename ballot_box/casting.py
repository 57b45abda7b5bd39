"""Casting, docs/protocol.md 6.4 and 6.5: verify, store durably, then promise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.polls import known_poll
from ballot_box.publishing import check_current, check_remembered
from ballot_box.services import Services
from ballot_box.store import NewBallot, StoredPoll
from crypto import ed25519
from crypto.merkle import leaf_hash
from shared.ballot import Ballot
from shared.db import read, write
from shared.log.sequencer import append_all, head_of
from shared.poll_keys import PollKeys, verify_ballots
from shared.receipt import sign_receipt
from shared.refusals import BallotAlreadyCast, PollClosed, PollNotOpen, Refusal


@dataclass(frozen=True, slots=True)
class Receipt:
    """The signed promise (64 bytes) that a leaf (its 32-byte hash) will be in the log by `include_by`."""

    leaf_hash: bytes
    signature: bytes


@dataclass
class BallotDesk:
    """Takes ballots for one box, several in one transaction.

    A published poll never changes, so each is read once; the receipt key is loaded once, too.
    """

    box: Services
    _polls: dict[bytes, StoredPoll] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._sign = ed25519.signer(self.box.state.statement_seed())

    def cast(self, poll_id: bytes, data: bytes) -> Receipt:
        """Take a ballot's bytes. The same bytes get the same receipt, also after closing.

        Raises BoxReadOnly, StorageFull, Unavailable, PollUnknown, BallotMalformed, TokenInvalid,
        BallotSignatureInvalid, AnswersInvalid, BallotAlreadyCast, PollNotOpen, PollClosed; then nothing has
        changed.
        """
        (outcome,) = self.cast_all([(poll_id, data)])
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def cast_all(self, ballots: Sequence[tuple[bytes, bytes]]) -> list[Receipt | Refusal]:
        """Poll ids and bytes -> the outcome of each, in their order, durable in one transaction.

        What is raised concerns them all; then nothing has changed.
        """
        self.box.check_accepting()
        verified = self._verified(ballots)
        sound = [one for one in verified if isinstance(one, NewBallot)]
        stored = iter(self._store(sound) if sound else [])
        outcomes = [next(stored) or one if isinstance(one, NewBallot) else one for one in verified]
        return [self._promised(one) if isinstance(one, NewBallot) else one for one in outcomes]

    def _verified(self, ballots: Sequence[tuple[bytes, bytes]]) -> list[NewBallot | Refusal]:
        keys = [self._keys(poll_id) for poll_id, _ in ballots]
        asked = [(of, data) for of, (_, data) in zip(keys, ballots, strict=True) if isinstance(of, PollKeys)]
        verified = iter(verify_ballots(asked))
        outcomes = [next(verified) if isinstance(of, PollKeys) else of for of in keys]
        return [
            NewBallot(one.poll_id, one.ballot_key, one.revision, data, leaf_hash(data))
            if isinstance(one, Ballot)
            else one
            for one, (_, data) in zip(outcomes, ballots, strict=True)
        ]

    def _keys(self, poll_id: bytes) -> PollKeys | Refusal:
        try:
            return self._poll(poll_id).keys
        except Refusal as refusal:
            return refusal

    def _promised(self, ballot: NewBallot) -> Receipt:
        return Receipt(ballot.leaf, sign_receipt(self._sign, ballot.poll_id, ballot.leaf))

    def _poll(self, poll_id: bytes) -> StoredPoll:
        known = self._polls.get(poll_id)
        if known is None:
            with read(self.box.engine) as conn:
                known = self._polls[poll_id] = known_poll(conn, poll_id)
        return known

    def _store(self, ballots: Sequence[NewBallot]) -> list[Refusal | None]:
        """One transaction: each key is bound and its leaf waits, or it is refused; or nothing of it all."""
        refused: dict[bytes, Refusal] = {}
        accepted: dict[str, int] = {}
        poll_id = attrgetter("poll_id")
        with write(self.box.engine) as conn:
            for one_poll, group in groupby(sorted(ballots, key=poll_id), key=poll_id):
                poll = self._poll(one_poll)
                more, accepted[poll.log_id] = self._store_of(conn, poll, list(group))
                refused |= more
        for log_id, number in accepted.items():
            self.box.state.receipts_mark(log_id).raise_to(number)
        return [refused.get(ballot.leaf) for ballot in ballots]

    def _store_of(
        self, conn: Connection, poll: StoredPoll, ballots: Sequence[NewBallot]
    ) -> tuple[dict[bytes, Refusal], int]:
        """Store the ballots of one poll; the refusals, by leaf hash, and how many it has accepted by now."""
        head, now = head_of(conn, tables.log, poll.log_id), self.box.clock()
        check_current(self.box, poll, head)
        shut: Refusal | None = PollNotOpen() if now < poll.manifest.opens_at else None
        if now >= poll.manifest.closes_at or head.closed:
            shut = PollClosed()
        new: set[bytes] = set()
        if shut is None:
            new = store.bind_ballot_keys(conn, ballots)
            append_all(conn, tables.log, poll.log_id, [one.data for one in ballots if one.leaf in new])
        accepted = store.count_accepted(conn, poll.poll_id, len(new))
        check_remembered(self.box, poll, accepted - len(new))
        rest = [one for one in ballots if one.leaf not in new]
        bound = store.leaves_of(conn, poll.poll_id, [one.ballot_key for one in rest]) if rest else {}
        return {one.leaf: refusal for one in rest if (refusal := _refusal(one, bound, shut))}, accepted


def _refusal(
    ballot: NewBallot, bound: dict[tuple[bytes, int], bytes], shut: Refusal | None
) -> Refusal | None:
    """None for the leaf that its key is bound to, whenever that was."""
    leaf = bound.get((ballot.ballot_key, ballot.revision))
    if leaf is None:
        return shut
    return None if leaf == ballot.leaf else BallotAlreadyCast()
