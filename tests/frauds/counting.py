"""Crimes with result and issuance: checks 15 and 16."""

from dataclasses import replace

from shared.ballot import decode_ballot
from shared.closing import issuance_closing
from shared.count import count_answers
from shared.encoding import b64u
from shared.result import result_statement, sign_result
from tests.frauds.case import crime
from tests.frauds.honest import cancelled, changed_vote
from tests.samples import sample_poll
from tests.simulator import Election, honest_election, open_election, seed


@crime("result", attack="A14")
def wrong_count(election: Election) -> None:
    """The signed result gives an option one vote more."""
    election.changes = election.signed_result(election.record().result.replace(b'"votes":2', b'"votes":3'))


@crime("result", attack="A14")
def wrong_leader(election: Election) -> None:
    """The signed result names another leading option."""
    result = election.record().result.replace(b'"leading":["river"]', b'"leading":["none"]')
    election.changes = election.signed_result(result)


@crime("result")
def declared_not_held(election: Election) -> None:
    """The signed result says that the poll was not held though it was."""
    result = election.record().result.replace(b'"held":true', b'"held":false')
    election.changes = election.signed_result(result)


@crime("result")
def result_of_another_checkpoint(election: Election) -> None:
    """The signed result names another size of the log."""
    election.changes = election.signed_result(election.record().result.replace(b'"size":6', b'"size":5'))


@crime("result")
def result_signed_by_a_stranger(election: Election) -> None:
    """The result bears the signature of another key."""
    signature = b64u(sign_result(seed("stranger"), election.record().result)).encode()
    election.changes = {"result_signature": signature}


@crime("result", attack="A5")
def result_withheld(election: Election) -> None:
    """There is no result though its time is over."""
    election.changes = {"result": b"", "result_signature": b""}


@crime("result", start=changed_vote, attack="A9")
def replaced_vote_counted(election: Election) -> None:
    """The signed result counts both the vote that a resident changed and the one that replaced it."""
    answers = [decode_ballot(entry).answers for entry in election.entries[1:-1]]
    count = count_answers(election.poll.manifest, answers)
    size = len(election.entries)
    result = result_statement(election.poll.poll_id, count, size=size, root=election.root())
    election.changes = election.signed_result(result)


@crime("result", start=cancelled)
def result_of_a_cancelled_poll(election: Election) -> None:
    """The box publishes a result though the issuers cancelled the poll."""
    election.changes = {}


@crime("issuance", attack="A24")
def more_ballots_than_issuances(election: Election) -> None:
    """The issuer signed one token that its log does not show."""
    used = 4
    election.issuance = [*election.issuance[: used - 1], issuance_closing(election.poll.poll_id, used - 1)]


@crime("issuance", attack="A24")
def wrong_number_of_issuances(election: Election) -> None:
    """The issuance log's closing record names more than there are."""
    election.issuance[-1] = issuance_closing(election.poll.poll_id, 100)


@crime("issuance")
def issuance_log_never_closed(election: Election) -> None:
    """The issuance log has no closing record though its time is over."""
    del election.issuance[-1]


@crime("issuance", attack="A37")
def issuance_after_closing(election: Election) -> None:
    """An issuance stands after the issuance log's closing record."""
    election.issuance.append(election.issuance[0])


@crime("issuance", attack="A19")
def leaf_that_is_no_issuance(election: Election) -> None:
    """A leaf of the issuance log holds more than a commitment."""
    election.issuance[0] += b"name"


@crime("issuance")
def issuance_log_signed_by_a_stranger(election: Election) -> None:
    """The issuance log's checkpoint bears the signature of another key."""
    election.issuer_log_seed = seed("stranger")


@crime("issuance")
def issuance_log_of_another_root(election: Election) -> None:
    """The issuance log's entries are not those that its checkpoint was signed for."""
    (log,) = election.record().issuance_logs
    entries = (log.entries[1], log.entries[0], *log.entries[2:])
    election.changes = {"issuance_logs": (replace(log, entries=entries),)}


@crime("issuance")
def issuance_log_of_another_poll(election: Election) -> None:
    """The issuance log's closing record names another poll."""
    other = open_election(contact="Другой").poll
    election.issuance[-1] = issuance_closing(other.poll_id, len(honest_election().issuance) - 1)


@crime("issuance", now=sample_poll().manifest.closes_at)
def issuance_log_of_another_poll_closed_just_now(election: Election) -> None:
    """The issuance log's closing record names another poll: nothing mends it, early as it is."""
    issuance_log_of_another_poll(election)
    election.cosigned_at = None


@crime("issuance")
def issuance_log_withheld(election: Election) -> None:
    """There is no issuance log though its time is over."""
    (log,) = election.record().issuance_logs
    election.changes = {"issuance_logs": (replace(log, checkpoint=b""),)}
