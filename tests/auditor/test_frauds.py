"""What the findings say, beyond which check fails (tests/frauds has the catalogue of crimes)."""

from dataclasses import replace

import pytest

from crypto import ballot_signature, merkle
from shared.ballot import decode_ballot
from shared.count import ChoiceCount, RankingCount, count_answers
from shared.encoding import b64u
from shared.result import result_statement, sign_result
from shared.statements import Statement
from tests.samples import ranked_and_scored
from tests.simulator import (
    ANSWERS,
    Election,
    honest_election,
    open_election,
    sibling_manifest,
)

pytestmark = pytest.mark.faults


@pytest.fixture
def election() -> Election:
    return honest_election()


def test_an_honest_election_is_verified(election: Election) -> None:
    report = election.audit()
    assert report.verdict == "verified"
    assert {finding.status for finding in report.findings} == {"PASS"}
    assert report.count is not None
    place = report.count.questions[0]
    assert isinstance(place, ChoiceCount)
    assert dict(place.votes) == {"river": 2, "school": 1, "none": 1}


def test_a_ballot_after_the_closing_record_is_named(election: Election) -> None:
    election.entries.append(election.ballot(ANSWERS[0]))
    election.issuance = honest_election().issuance
    report = election.audit()
    assert "closing" in report.failed
    assert next(f for f in report.findings if f.id == "closing").faults == (
        "leaf 6: after the closing record",
    )


def test_a_ballot_of_another_poll_is_named(election: Election) -> None:
    sibling = open_election(contact="Другой")
    election.entries.insert(5, sibling.ballot(ANSWERS[0]))
    election.reclose()
    report = election.audit()
    assert report.failed[0] == "ballots"
    assert next(f for f in report.findings if f.id == "ballots").faults == ("leaf 5: of another poll",)


def test_a_forged_receipt_proves_nothing_against_the_box(election: Election) -> None:
    election.receipts[0] = replace(election.receipts[0], signature=bytes(64))
    report = election.audit()
    assert report.failed == ("receipts",)
    assert "does not verify" in next(f for f in report.findings if f.id == "receipts").faults[0]


def test_answers_that_break_the_rules_are_counted_as_invalid_and_not_a_fault() -> None:
    election = open_election()
    election.cast(election.ballot(None, raw_answers=b'{"place":["moon"],"trees":[]}'.ljust(64)))
    election.close()
    report = election.audit()
    assert report.verdict == "verified"
    assert report.count is not None
    assert (report.count.valid, report.count.invalid) == (0, 1)


def test_a_token_key_used_in_another_poll_is_named(election: Election) -> None:
    key = election.poll.manifest.issuers[0].token_key
    election.others = [sibling_manifest(election.poll, token_key=key)]
    report = election.audit()
    assert report.failed == ("other-polls",)
    faults = next(finding for finding in report.findings if finding.id == "other-polls").faults
    assert faults == ("manifest 0: 1 keys of this poll stand in it, too", "issuer 0: a factor in common")


def _changed_vote() -> Election:
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


def test_a_changed_vote_counts_once_with_its_last_revision() -> None:
    report = _changed_vote().audit()
    assert report.verdict == "verified"
    assert report.count is not None
    order = report.count.questions[0]
    assert isinstance(order, RankingCount)
    assert (report.count.ballots, dict(order.rounds[0].votes)) == (2, {"pine": 0, "birch": 1, "larch": 1})


def test_a_result_that_counts_the_replaced_vote_is_named() -> None:
    election = _changed_vote()
    log = election.record().poll_log
    answers = [decode_ballot(entry).answers for entry in election.entries[1:-1]]
    root = merkle.root_of(merkle.leaf_hash(entry) for entry in log.entries)
    count = count_answers(election.poll.manifest, answers)
    result = result_statement(election.poll.poll_id, count, size=len(log.entries), root=root)
    election.changes = {
        "result": result,
        "result_signature": b64u(sign_result(election.box_seed, result)).encode(),
    }
    assert election.audit().failed == ("result",)


def _cancelled() -> Election:
    election = honest_election()
    reason = {"ru": "Отменено судом.", "en": "Annulled."}
    statement = Statement("cancellation", election.poll.poll_id, reason)
    election.entries[-1] = statement.signed(election.issuer_seed, 0).leaf
    election.changes = {"result": b"", "result_signature": b""}
    return election


def test_an_honestly_cancelled_poll_verifies_without_a_result() -> None:
    assert _cancelled().audit().verdict == "verified"


def test_a_cancelled_poll_with_a_result_is_named() -> None:
    election = _cancelled()
    election.changes = {}
    assert election.audit().failed == ("result",)


def test_a_cancellation_that_the_issuers_did_not_sign_is_named() -> None:
    election = _cancelled()
    forged = Statement("cancellation", election.poll.poll_id, {"ru": "Так надо", "en": "So be it"})
    election.entries[-1] = forged.signed(election.box_seed, 0).leaf
    assert election.audit().failed == ("closing",)
