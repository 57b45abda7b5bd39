"""Honest elections with one crime each: the auditor names the check that finds it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto import ballot_signature, merkle
from crypto.keys import load_private_key
from crypto.tiles import Tile
from shared.ballot import decode_ballot, encode_ballot
from shared.closing import issuance_closing, poll_closing
from shared.count import ChoiceCount, RankingCount, count_answers
from shared.encoding import b64u
from shared.result import result_statement, sign_result
from shared.token import Token
from tests.samples import ranked_and_scored
from tests.simulator import (
    AFTER,
    ANSWERS,
    Election,
    honest_election,
    log_record,
    open_election,
    seed,
    sibling_manifest,
    token_key_der,
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


def test_without_a_trust_root_the_best_is_inconclusive(election: Election) -> None:
    election.trust = None
    assert election.audit().verdict == "inconclusive"


def test_receipts_and_earlier_checkpoints_are_not_required(election: Election) -> None:
    election.seen, election.receipts = [], []
    assert election.audit().verdict == "verified"


def test_an_open_poll_is_inconclusive_and_not_failed() -> None:
    election = open_election()
    election.cast(election.ballot(ANSWERS[0]))
    election.changes = {"result": b"", "result_signature": b""}
    report = election.audit(now=election.poll.manifest.opens_at)
    assert report.verdict == "inconclusive"
    assert report.failed == ()


def test_a_changed_answer_breaks_the_ballot_signature(election: Election) -> None:
    election.receipts, election.seen = [], []
    ballot = decode_ballot(election.entries[1])
    election.entries[1] = encode_ballot(replace(ballot, answers=ballot.answers.replace(b"river", b"nowhe")))
    assert election.audit().failed == ("ballot-signatures",)


def test_a_dropped_ballot_is_missed_by_its_receipt(election: Election) -> None:
    election.seen = []
    del election.entries[4]
    election.reclose()
    assert election.audit().failed == ("receipts",)


def test_a_dropped_ballot_without_a_new_closing_record_is_missed_by_the_closing_record(
    election: Election,
) -> None:
    election.receipts = []
    del election.entries[4]
    assert election.audit().failed == ("closing",)


def test_a_ballot_dropped_from_under_an_earlier_checkpoint_breaks_consistency(election: Election) -> None:
    election.receipts = []
    del election.entries[1]
    election.reclose()
    assert election.audit().failed == ("consistency",)


def test_a_doubled_ballot_is_named(election: Election) -> None:
    election.entries.insert(5, election.entries[4])
    election.reclose()
    assert election.audit().failed == ("unique",)


def test_a_ballot_after_the_closing_record_is_named(election: Election) -> None:
    election.entries.append(election.ballot(ANSWERS[0]))
    election.issuance = honest_election().issuance
    report = election.audit()
    assert "closing" in report.failed
    assert next(f for f in report.findings if f.id == "closing").faults == (
        "leaf 6: after the closing record",
    )


def test_a_second_history_is_named(election: Election) -> None:
    other = honest_election()
    other.entries[1], other.entries[2] = other.entries[2], other.entries[1]
    election.seen = [other.checkpoint()]
    assert election.audit().failed == ("consistency",)


def test_a_log_cut_short_is_named(election: Election) -> None:
    election.seen = [election.checkpoint()]
    election.receipts = []
    del election.entries[3:5]
    election.reclose()
    assert election.audit().failed == ("consistency",)


def test_a_wrong_count_is_named(election: Election) -> None:
    statement = election.record().result.replace(b'"votes":2', b'"votes":3')
    election.changes = {
        "result": statement,
        "result_signature": b64u(sign_result(election.box_seed, statement)).encode(),
    }
    assert election.audit().failed == ("result",)


def test_a_result_with_a_stranger_s_signature_is_named(election: Election) -> None:
    stranger = b64u(sign_result(seed("stranger"), election.record().result)).encode()
    election.changes = {"result_signature": stranger}
    assert election.audit().failed == ("result",)


def test_a_result_of_another_checkpoint_is_named(election: Election) -> None:
    log = log_record(election.poll.manifest.ballot_box.log_url, election.entries[:3], election.box_log_seed)
    statement = election.result_of(replace(log, entries=tuple(election.entries)))
    wrong = statement.replace(b'"size":6', b'"size":5')
    election.changes = {
        "result": wrong,
        "result_signature": b64u(sign_result(election.box_seed, wrong)).encode(),
    }
    assert election.audit().failed == ("result",)


def test_a_withheld_result_is_named(election: Election) -> None:
    election.changes = {"result": b"", "result_signature": b""}
    assert election.audit().failed == ("result",)


def test_a_ballot_with_an_invented_token_is_named(election: Election) -> None:
    stuffed = election.ballot(ANSWERS[0], tokens=(Token(0, bytes(32), b"\x01" * 256),))
    election.entries.insert(5, stuffed)
    election.reclose()
    assert election.audit().failed == ("tokens",)


def test_a_token_of_a_sibling_poll_is_named(election: Election) -> None:
    sibling = open_election(contact="Другой")
    key = ballot_signature.generate()
    token = election.token(ballot_signature.public_bytes(key), poll=sibling.poll)
    election.issuance = honest_election().issuance
    election.entries.insert(5, election.ballot(ANSWERS[0], key=key, tokens=(token,)))
    election.reclose()
    assert "tokens" in election.audit().failed


def test_one_issuer_s_token_given_twice_is_named(election: Election) -> None:
    token = decode_ballot(election.entries[1]).tokens[0]
    election.entries[1] = election.ballot(ANSWERS[0], tokens=(token, token))
    election.receipts, election.seen = [], []
    assert "tokens" in election.audit().failed


def test_a_ballot_of_another_poll_is_named(election: Election) -> None:
    sibling = open_election(contact="Другой")
    election.entries.insert(5, sibling.ballot(ANSWERS[0]))
    election.reclose()
    report = election.audit()
    assert report.failed[0] == "ballots"
    assert next(f for f in report.findings if f.id == "ballots").faults == ("leaf 5: of another poll",)


def test_a_leaf_that_is_no_ballot_is_named(election: Election) -> None:
    election.entries.insert(5, b"veche/ballot/v1\nno")
    election.reclose()
    assert election.audit().failed == ("ballots",)


def test_more_ballots_than_issuances_are_named(election: Election) -> None:
    election.issuance = election.issuance[:2]
    election.issuance.append(issuance_closing(election.poll.poll_id, 2))
    assert election.audit().failed == ("issuance",)


def test_a_wrong_number_in_the_issuance_closing_record_is_named(election: Election) -> None:
    election.issuance[-1] = issuance_closing(election.poll.poll_id, 100)
    assert election.audit().failed == ("issuance",)


def test_an_issuance_log_that_never_closed_is_named(election: Election) -> None:
    del election.issuance[-1]
    assert election.audit().failed == ("issuance",)


def test_a_poll_that_never_closed_is_named(election: Election) -> None:
    del election.entries[-1]
    assert election.audit(now=AFTER).failed == ("closing",)


def test_a_closing_record_of_another_poll_is_named(election: Election) -> None:
    election.entries[-1] = poll_closing(bytes(32), 4)
    assert election.audit().failed == ("closing",)


def test_another_first_leaf_is_named(election: Election) -> None:
    election.entries[0] = open_election(contact="Другой").poll.first_leaf
    election.seen = []
    assert election.audit().failed == ("first-leaf",)


def test_a_tile_that_lies_is_named(election: Election) -> None:
    log = election.record().poll_log
    tile = Tile(0, 0, 6)
    election.changes = {"poll_log": replace(log, tiles={tile: bytes(32) + log.tiles[tile][32:]})}
    assert election.audit().failed == ("tree",)


def test_entries_that_are_not_those_of_the_root_are_named(election: Election) -> None:
    log = election.record().poll_log
    swapped = (log.entries[0], log.entries[2], log.entries[1], *log.entries[3:])
    election.changes = {"poll_log": replace(log, entries=swapped)}
    assert "tree" in election.audit().failed


def test_a_checkpoint_of_a_stranger_is_named(election: Election) -> None:
    election.box_log_seed = seed("stranger")
    election.seen = []
    assert set(election.audit().failed) == {"checkpoint", "tree"}


def test_a_manifest_of_invented_keys_is_not_trusted(election: Election) -> None:
    assert election.trust is not None
    issuer = election.trust.issuers[0].model_copy(update={"statement_key": b64u(bytes(32))})
    election.trust = election.trust.model_copy(update={"issuers": (issuer,)})
    assert election.audit().failed == ("trust",)


def test_a_manifest_that_the_issuer_did_not_sign_is_named(election: Election) -> None:
    election.issuer_seed = seed("stranger")
    assert election.audit().failed == ("manifest-signatures",)


def test_a_manifest_of_another_id_is_named(election: Election) -> None:
    election.changes = {"poll_url": f"{election.poll.manifest.ballot_box.url}/polls/{'00' * 32}"}
    assert election.audit().failed == ("manifest",)


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


def test_a_checkpoint_cosigned_too_late_is_named(election: Election) -> None:
    election.cosigned_at = election.poll.manifest.include_by + timedelta(seconds=1)
    assert election.audit().failed == ("witnesses",)


def test_a_checkpoint_that_no_witness_cosigned_is_named(election: Election) -> None:
    election.changes = {"poll_log": replace(election.record().poll_log, checkpoint=election.checkpoint())}
    assert election.audit().failed == ("witnesses",)


def test_a_cosignature_by_another_key_under_the_witness_s_name_is_named(election: Election) -> None:
    election.witness_seed = seed("stranger")
    assert election.audit().failed == ("witnesses",)


def test_a_token_key_used_in_another_poll_is_named(election: Election) -> None:
    key = election.poll.manifest.issuers[0].token_key
    election.others = [sibling_manifest(election.poll, token_key=key)]
    report = election.audit()
    assert report.failed == ("other-polls",)
    faults = next(finding for finding in report.findings if finding.id == "other-polls").faults
    assert faults == ("manifest 0: 1 keys of this poll stand in it, too", "issuer 0: a factor in common")


def test_a_token_key_that_shares_one_prime_with_another_poll_s_is_named(election: Election) -> None:
    election.others = [sibling_manifest(election.poll, token_key=_with_a_prime_of(token_key_der(0)))]
    report = election.audit()
    assert report.failed == ("other-polls",)


def _with_a_prime_of(private_der: bytes) -> str:
    """A public key whose modulus has one prime factor in common with this key's."""
    prime = load_private_key(private_der).private_numbers().p
    other = load_private_key(token_key_der(2)).private_numbers().q
    public = rsa.RSAPublicNumbers(65537, prime * other).public_key()
    return b64u(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


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


def test_a_revision_where_votes_may_not_be_changed_is_named() -> None:
    election = open_election()
    election.cast(election.ballot({"place": ("river",), "trees": ()}, revision=1))
    election.close()
    assert "ballots" in election.audit().failed
