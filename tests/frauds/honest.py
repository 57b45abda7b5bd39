"""Elections without a crime."""

from tests.frauds.case import crime
from tests.samples import sample_poll
from tests.simulator import ANSWERS, Election, open_election


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


@crime(verdict="inconclusive")
def honest_without_trust_root(election: Election) -> None:
    """Whose keys these are is not known."""
    election.trust = None


@crime(start=open_election, now=sample_poll().manifest.opens_at, verdict="inconclusive")
def honest_and_open(election: Election) -> None:
    """The poll is open: no closing record, no result."""
    election.cast(election.ballot(ANSWERS[0]))
    election.changes = {"result": b"", "result_signature": b""}
