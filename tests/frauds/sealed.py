"""Sealed polls: honest ones, and crimes of check 20 and of the result that follows from an opening."""

from crypto import ballot_signature
from shared.ballot import decode_ballot, signature_message, signed_part
from shared.closing import issuance_closing
from shared.encoding import b64u, parse_canonical
from shared.manifest import build_manifest
from shared.record import MAX_FILE_SIZE
from shared.sealing import Opening
from tests.frauds.case import crime
from tests.frauds.honest import cancel
from tests.samples import sample_poll, sealed
from tests.simulator import ANSWERS, Election, honest_election, open_election, seed, sibling_manifest


def sealed_election() -> Election:
    """A whole honest sealed poll: two ballots, one changed later, closed and opened."""
    election = open_election(**sealed(seed("sealing")), revoting=True)
    key = ballot_signature.generate()
    tokens = (election.token(ballot_signature.public_bytes(key)),)
    for revision, answers in enumerate(ANSWERS[:2]):
        election.cast(election.ballot(answers, key=key, tokens=tokens, revision=revision))
    election.cast(election.ballot(ANSWERS[2]))
    election.close()
    return election


def sealed_and_cancelled() -> Election:
    """A sealed poll that its issuer cancelled, and that nobody opened."""
    election = cancel(sealed_election())
    election.changes["opening"] = b""
    return election


@crime(start=sealed_election, verdict="verified")
def honest_and_sealed(election: Election) -> None:
    """The trustees opened the poll after its closing."""


@crime(start=sealed_and_cancelled, verdict="verified")
def honest_sealed_and_cancelled(election: Election) -> None:
    """A cancelled sealed poll stays sealed."""


@crime(start=sealed_election, verdict="inconclusive")
def honest_and_waiting_for_its_opening(election: Election) -> None:
    """The poll is closed, and the trustees have not met yet."""
    election.changes = {"result": b"", "result_signature": b"", "opening": b""}


@crime(start=sealed_election, verdict="inconclusive")
def honest_and_sealed_but_for_an_opening_out_of_reach(election: Election) -> None:
    """What the box answers for the opening has no end: whether the poll was opened cannot be told."""
    election.changes = {"opening": b" " * (MAX_FILE_SIZE + 1)}


@crime(start=sealed_election, now=sample_poll().manifest.opens_at, verdict="inconclusive")
def honest_sealed_and_open(election: Election) -> None:
    """The poll is open: only ciphertexts are to be seen."""
    del election.entries[-1]
    election.changes = {"result": b"", "result_signature": b"", "opening": b""}


@crime(start=sealed_election, verdict="verified", attack="A12")
def honest_with_a_ballot_that_does_not_open(election: Election) -> None:
    """A voter copied a stranger's ciphertext under a key of their own: an invalid ballot, nobody's crime."""
    key = ballot_signature.generate()
    public = ballot_signature.public_bytes(key)
    copied = decode_ballot(election.entries[1]).answers
    part = signed_part(election.poll.poll_id, public, 0, (election.token(public),), copied)
    election.entries.insert(-1, part + ballot_signature.sign(key, signature_message(part)))
    election.reclose()
    *issued, _, latest = election.issuance
    election.issuance = [*issued, latest, issuance_closing(election.poll.poll_id, len(issued) + 1)]


@crime("opening", start=sealed_election, attack="A21")
def opened_with_another_key(election: Election) -> None:
    """The key that the box shows is not the one the ballots were sealed for."""
    election.changes = {"opening": Opening(election.poll.poll_id, seed("stranger")).encoded}


@crime("opening", start=sealed_election)
def opening_of_another_poll(election: Election) -> None:
    """The opening names another poll."""
    election.changes = {"opening": Opening(bytes(32), election.sealing_key).encoded}


@crime("opening", start=sealed_and_cancelled)
def cancelled_and_opened(election: Election) -> None:
    """The poll was cancelled, and its ballots were opened all the same."""
    election.changes = election.changes | {"opening": election.opening.encoded}


@crime(start=sealed_and_cancelled, verdict="inconclusive")
def cancelled_and_perhaps_opened(election: Election) -> None:
    """Whether a cancelled poll was opened cannot be told: what is there has no end."""
    election.changes = election.changes | {"opening": b" " * (2**20 + 1)}


@crime("opening", start=sealed_election, now=sample_poll().manifest.opens_at, attack="A21")
def opened_while_people_vote(election: Election) -> None:
    """The key is published before the closing record."""
    del election.entries[-1]
    election.changes = {"result": b"", "result_signature": b""}


@crime("opening", start=honest_election)
def opening_of_a_poll_that_is_not_sealed(election: Election) -> None:
    """The box shows a key that opens nothing."""
    election.changes = {"opening": election.opening.encoded}


@crime("result", start=sealed_election)
def result_before_the_opening(election: Election) -> None:
    """The box publishes a result that nobody can count again."""
    election.changes = {"opening": b""}


@crime("result", start=sealed_election, attack="A14")
def result_that_does_not_follow_from_the_opening(election: Election) -> None:
    """The box leaves a ballot out of its count that opens like the others."""
    log = election.record().poll_log
    election.changes = election.signed_result(election.result_of(log, log.entries[:3]))


@crime("other-polls", start=sealed_election, attack="A1")
def sealing_key_of_another_poll(election: Election) -> None:
    """Two polls are sealed for one key: the opening of the first opens the second while people vote."""
    election.others = [sibling_manifest(election.poll)]


@crime("parameters", start=sealed_election)
def sealed_for_no_key(election: Election) -> None:
    """The manifest's sealing key is no point of the curve: nobody can ever open a ballot."""
    members = parse_canonical(election.poll.manifest_bytes)
    members["sealing"]["public_key"] = b64u(b"\x04" + bytes(64))
    election.poll = build_manifest(members)
    election.entries[:] = [election.poll.first_leaf]
    election.issuance.clear()
    election.receipts.clear()
    election.close()
