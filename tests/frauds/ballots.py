"""Crimes with ballots: checks 10 to 13."""

from dataclasses import replace

from crypto import ballot_signature
from crypto.ballot_signature import ORDER
from shared.ballot import decode_ballot, encode_ballot, signature_message, signed_part
from shared.token import Token
from tests.frauds.case import crime
from tests.simulator import ANSWERS, Election, open_election


def _stuff(election: Election, ballot: bytes) -> None:
    """Put a ballot into the closed log, and the issuance log back to what it was."""
    election.entries.insert(5, ballot)
    election.reclose()
    election.issuance = election.issuance[:6]


def _replaced(election: Election, **changes: object) -> None:
    """Change the last ballot's decoded members and leave the rest as it is; nobody holds its receipt."""
    election.receipts.pop()
    ballot = decode_ballot(election.entries[4])
    election.entries[4] = encode_ballot(replace(ballot, **changes))  # type: ignore[arg-type]


@crime("ballots", "result")
def ballot_of_another_poll(election: Election) -> None:
    """A ballot of another poll is in the log."""
    _stuff(election, open_election(contact="Другой").ballot(ANSWERS[0]))


@crime("ballots", attack="A20")
def leaf_that_is_no_ballot(election: Election) -> None:
    """A leaf bears the label of a ballot and nothing more."""
    _stuff(election, b"veche/ballot/v1\nno")


@crime("ballots", attack="A19")
def ballot_with_a_spare_byte(election: Election) -> None:
    """A ballot is followed by a byte that marks it."""
    _stuff(election, election.ballot(ANSWERS[0]) + b"\x00")


@crime("ballots", "result", attack="A19")
def ballot_with_longer_answers(election: Election) -> None:
    """A ballot's answers are longer than all others, which marks it."""
    key = ballot_signature.generate()
    public = ballot_signature.public_bytes(key)
    part = signed_part(election.poll.poll_id, public, 0, (election.token(public),), b"{}".ljust(128))
    _stuff(election, part + ballot_signature.sign(key, signature_message(part)))


@crime("ballots", "result")
def ballot_with_a_revision(election: Election) -> None:
    """A vote was changed where the manifest does not allow it."""
    key = ballot_signature.generate()
    public = ballot_signature.public_bytes(key)
    answers = decode_ballot(election.entries[1]).answers
    part = signed_part(election.poll.poll_id, public, 1, (election.token(public),), answers)
    _stuff(election, part + ballot_signature.sign(key, signature_message(part)))


@crime("tokens", attack="A25")
def token_invented(election: Election) -> None:
    """The box stuffed a ballot whose token no issuer signed."""
    _stuff(election, election.ballot(ANSWERS[0], tokens=(Token(0, bytes(32), b"\x01" * 256),)))


@crime("tokens", attack="A12")
def token_stolen(election: Election) -> None:
    """The box took a voter's token for a ballot of its own."""
    token = decode_ballot(election.entries[1]).tokens[0]
    _stuff(election, election.ballot(ANSWERS[0], tokens=(token,)))


@crime("tokens", attack="A1")
def token_of_another_poll(election: Election) -> None:
    """A token that was issued for another poll under the same key."""
    key = ballot_signature.generate()
    sibling = open_election(contact="Другой")
    token = election.token(ballot_signature.public_bytes(key), poll=sibling.poll)
    _stuff(election, election.ballot(ANSWERS[0], key=key, tokens=(token,)))


@crime("tokens")
def token_of_another_key(election: Election) -> None:
    """A token signed by a key that is not the manifest's."""
    key = ballot_signature.generate()
    token = election.token_by(1, ballot_signature.public_bytes(key))
    _stuff(election, election.ballot(ANSWERS[0], key=key, tokens=(token,)))


@crime("tokens")
def token_of_an_unknown_issuer(election: Election) -> None:
    """A token names an issuer that the manifest does not have."""
    token = replace(decode_ballot(election.entries[4]).tokens[0], issuer=7)
    key = ballot_signature.generate()
    _stuff(election, election.ballot(ANSWERS[0], key=key, tokens=(token,)))


@crime("tokens", attack="A30")
def token_without_need(election: Election) -> None:
    """A ballot bears two tokens where one is due."""
    key = ballot_signature.generate()
    token = election.token(ballot_signature.public_bytes(key))
    _stuff(election, election.ballot(ANSWERS[0], key=key, tokens=(token, replace(token, issuer=1))))


@crime("ballot-signatures", attack="A25")
def answer_changed(election: Election) -> None:
    """The box changed an answer."""
    answers = decode_ballot(election.entries[4]).answers
    _replaced(election, answers=answers.replace(b"none", b"moon"))


@crime("ballot-signatures", attack="A34")
def signature_mirrored(election: Election) -> None:
    """The signature's s is the larger of the two that verify: a second form of the same ballot."""
    signature = decode_ballot(election.entries[4]).signature
    s = ORDER - int.from_bytes(signature[32:], "big")
    _replaced(election, signature=signature[:32] + s.to_bytes(32, "big"))


@crime("ballot-signatures")
def signature_of_another_ballot(election: Election) -> None:
    """The ballot bears the signature of its neighbour."""
    _replaced(election, signature=decode_ballot(election.entries[3]).signature)


@crime("unique", attack="A12")
def ballot_doubled(election: Election) -> None:
    """A ballot stands in the log twice."""
    _stuff(election, election.entries[4])


@crime("unique", attack="A12")
def voted_twice_with_one_key(election: Election) -> None:
    """One token, one key, two ballots with different answers; the box took both."""
    key = ballot_signature.generate()
    token = election.token(ballot_signature.public_bytes(key))
    ballots = [election.ballot(answers, key=key, tokens=(token,)) for answers in ANSWERS[:2]]
    election.receipts = election.receipts[:3]
    election.entries[4:5] = ballots
    election.reclose()
    election.issuance = election.issuance[:6]
