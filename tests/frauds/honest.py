"""Elections without a crime."""

from dataclasses import replace

from crypto import ballot_signature
from shared.record import MAX_FILE_SIZE
from shared.statements import Statement
from tests.frauds.case import crime
from tests.samples import ranked_and_scored, sample_poll
from tests.simulator import ANSWERS, Election, honest_election, open_election


@crime(verdict="verified")
def honest(election: Election) -> None:
    """Nothing is wrong."""


@crime(verdict="verified")
def honest_without_what_auditors_bring(election: Election) -> None:
    """No receipt, no earlier checkpoint, no other poll, no witness at hand: nothing stays open by that."""
    election.receipts, election.seen, election.others, election.cosigned_at = [], [], [], None


@crime(start=open_election, verdict="verified")
def honest_with_an_invalid_ballot(election: Election) -> None:
    """A voter wrote answers that break the rules: an invalid ballot, nobody's crime."""
    election.cast(election.ballot(None, raw_answers=b'{"place":["moon"],"trees":[]}'.ljust(64)))
    election.close()


@crime(start=open_election, verdict="verified")
def honest_and_empty(election: Election) -> None:
    """Nobody voted."""
    election.close()


@crime(verdict="inconclusive", attack="A38")
def honest_without_trust_root(election: Election) -> None:
    """Whose keys these are is not known."""
    election.trust = None


@crime(start=open_election, now=sample_poll().manifest.opens_at, verdict="inconclusive")
def honest_and_open(election: Election) -> None:
    """The poll is open: no closing record, no result."""
    election.cast(election.ballot(ANSWERS[0]))
    election.changes = {"result": b"", "result_signature": b""}


@crime(start=open_election, now=sample_poll().manifest.opens_at, verdict="inconclusive")
def honest_and_open_with_a_ballot_that_waits(election: Election) -> None:
    """A ballot that got its receipt waits for its batch."""
    honest_and_open(election)
    del election.entries[-1]


@crime(start=open_election, now=sample_poll().manifest.opens_at, verdict="inconclusive")
def honest_and_open_without_an_issuance(election: Election) -> None:
    """Nobody voted yet; the issuer shows its log from the first batch on."""
    (log,) = election.record().issuance_logs
    nothing = replace(log, checkpoint=b"", entries=(), tiles={})
    election.changes = {"result": b"", "result_signature": b"", "issuance_logs": (nothing,)}


def changed_vote() -> Election:
    """An honest poll where votes may be changed, and one resident did."""
    election = open_election(**ranked_and_scored())
    key = ballot_signature.generate()
    tokens = (election.token(ballot_signature.public_bytes(key)),)
    for revision, order in enumerate((("pine",), ("larch", "pine"))):
        answers = {"order": order, "marks": ()}
        election.cast(election.ballot(answers, key=key, tokens=tokens, revision=revision))
    election.cast(election.ballot({"order": ("birch",), "marks": (1, 2, 3)}))
    election.close()
    return election


def cancelled() -> Election:
    """A poll that its issuer cancelled."""
    return cancel(honest_election())


def cancel(election: Election) -> Election:
    """Its issuer cancelled it: a cancellation in the place of the closing record, and no result."""
    return cancel_by(election, {"ru": "Отменено судом.", "en": "Annulled."})


def cancel_by(election: Election, reason: dict[str, str]) -> Election:
    """`cancel` with these words."""
    statement = Statement("cancellation", election.poll.poll_id, reason)
    election.entries[-1] = statement.signed(election.issuer_seed, 0).leaf
    election.changes = {"result": b"", "result_signature": b""}
    return election


@crime(start=changed_vote, verdict="verified")
def honest_with_a_changed_vote(election: Election) -> None:
    """A voter changed their vote where the manifest allows it; the last one counts."""


@crime(start=cancelled, verdict="inconclusive")
def honest_and_cancelled_but_for_a_result_out_of_reach(election: Election) -> None:
    """Whether a cancelled poll has a result cannot be told: what is there has no end."""
    election.changes = {"result": b" " * (MAX_FILE_SIZE + 1), "result_signature": b""}


@crime(start=cancelled, verdict="verified")
def honest_and_cancelled(election: Election) -> None:
    """The issuers cancelled the poll; there is no result."""
