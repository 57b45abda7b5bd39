"""What the findings say, beyond which check fails (tests/frauds has the catalogue of crimes)."""

from dataclasses import replace

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.merkle import leaf_hash, root_of
from shared.count import ChoiceCount, RankingCount
from tests.frauds.client import released
from tests.frauds.honest import changed_vote
from tests.simulator import (
    ANSWERS,
    Election,
    honest_election,
    open_election,
    sibling_manifest,
)

pytestmark = pytest.mark.faults


def test_an_honest_election_is_verified() -> None:
    report = released().audit()
    assert report.verdict == "verified"
    assert {finding.status for finding in report.findings} == {"PASS"}
    assert {finding.id for finding in honest_election().audit().findings if finding.status != "PASS"} == {
        "client"
    }
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


@pytest.mark.attack("A5")
def test_a_forged_receipt_proves_nothing_against_the_box(election: Election) -> None:
    election.receipts[0] = replace(election.receipts[0], signature=bytes(64))
    report = election.audit()
    assert report.failed == ("receipts",)
    assert "does not verify" in next(f for f in report.findings if f.id == "receipts").faults[0]


@pytest.mark.attack("A20")
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


def test_an_issuance_log_is_held_to_the_checkpoints_seen_of_it(election: Election) -> None:
    log = election.poll.manifest.issuers[0].log_url
    earlier = Checkpoint(log.partition("://")[2], 2, root_of(map(leaf_hash, election.issuance[:2])))
    election.seen.append(sign_checkpoint(earlier, election.issuer_log_seed))
    assert election.audit().verdict == "verified"
    election.issuance[0] = election.issuance[1]
    report = election.audit()
    assert report.failed == ("consistency",)
    assert report.findings[6].faults == (f"checkpoint {len(election.seen) - 1}: another history at 2 leaves",)


def test_a_changed_vote_counts_once_with_its_last_revision() -> None:
    report = changed_vote().audit()
    assert report.verdict == "verified"
    assert report.count is not None
    order = report.count.questions[0]
    assert isinstance(order, RankingCount)
    assert (report.count.ballots, dict(order.rounds[0].votes)) == (2, {"pine": 0, "birch": 1, "larch": 1})
