"""The catalogue names everything the box published, and the box proves it."""

import hashlib

import pytest

from ballot_box import tables
from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from crypto.tiles import MAX_ENTRY_SIZE
from crypto.tlog_proof import parse_proof
from shared import labels
from shared.catalogue import LOG_ID, PROOF, poll_entry, result_entry
from shared.db import read, write
from shared.encoding import from_b64u
from shared.log.publisher import published_size
from shared.log.sequencer import append, sequence
from shared.manifest import Poll
from shared.statements import Statement
from tests.ballot_box.box import ISSUER_SEED, Box
from tests.samples import sample_members


def entries(box: Box) -> list[bytes]:
    """The catalogue as anybody reads it, its root checked."""
    return box.log_entries(f"/log/{LOG_ID}", box.trust.ballot_box.catalogue)


def published(box: Box, poll: Poll) -> bytes:
    base = f"/polls/{poll.poll_id.hex()}"
    return poll_entry(box.get(f"{base}/manifest.json"), box.get(f"{base}/signatures.json"))


def test_a_published_poll_stands_in_the_catalogue(box: Box, poll: Poll) -> None:
    assert entries(box) == [published(box, poll)]


def test_publishing_a_poll_again_enters_nothing(box: Box, poll: Poll) -> None:
    assert box.put(poll).status_code == 200
    assert len(entries(box)) == 1


def test_a_result_stands_in_the_catalogue(box: Box, poll: Poll) -> None:
    box.watch.now = poll.manifest.closes_at
    box.worker.step()
    base = f"/polls/{poll.poll_id.hex()}"
    signature = from_b64u(box.get(f"{base}/result.signature").decode())
    result = hashlib.sha256(box.get(f"{base}/result.json")).digest()
    entry = b"veche/catalogue-result/v1\n" + poll.poll_id + result + signature
    assert entries(box) == [published(box, poll), entry]


def test_a_result_longer_than_an_entry_is_published(box: Box) -> None:
    """A run-off of a hundred options has thousands of numbers; a log's entry has 65,535 bytes."""
    names = [f"option-{number:09}" for number in range(100)]
    question = sample_members()["questions"][0] | {
        "kind": "ranking",
        "max": len(names),
        "options": [{"id": name, "text": {"ru": name, "en": name}} for name in names],
    }
    poll = box.publish(questions=[question], answer_size=1920)
    for first in range(len(names)):
        ballot = box.ballot(poll, {"place": names[first:]})
        assert box.cast(poll, ballot).status_code == 200
    box.close(poll)
    result = box.get(f"/polls/{poll.poll_id.hex()}/result.json")
    assert len(result) > MAX_ENTRY_SIZE
    signature = from_b64u(box.get(f"/polls/{poll.poll_id.hex()}/result.signature").decode())
    assert entries(box)[1] == result_entry(poll.poll_id, result, signature)


def test_a_cancellation_stands_in_the_catalogue(box: Box, poll: Poll) -> None:
    reason = {"ru": "Отменено судом.", "en": "Annulled."}
    statement = Statement("cancellation", poll.poll_id, reason).signed(ISSUER_SEED, 0)
    path = f"/polls/{poll.poll_id.hex()}/cancellation"
    for _ in range(2):
        box.http.put(path, data=statement.encoded, content_type="application/json")
    assert entries(box) == [published(box, poll), labels.CANCELLATION + box.get(f"{path}.json")]


def test_the_proof_of_a_poll_holds_and_never_changes(box: Box, poll: Poll) -> None:
    path = f"/polls/{poll.poll_id.hex()}/{PROOF}"
    before = box.get(path)
    box.watch.now = poll.manifest.closes_at
    box.worker.step()
    assert box.get(path) == before
    head = parse_proof(before).verify(box.trust.ballot_box.catalogue, leaf_hash(published(box, poll)))
    assert head.size == 1
    with pytest.raises(CryptoError):
        parse_proof(before).verify(box.trust.ballot_box.catalogue, leaf_hash(b"another poll"))


def test_what_was_entered_but_not_published_is_published_by_the_worker(box: Box, poll: Poll) -> None:
    with write(box.engine) as conn:
        append(conn, tables.log, LOG_ID, b"an entry of a process that died")
        sequence(conn, tables.log, LOG_ID, lambda _: None)
    assert len(entries(box)) == 1
    box.worker.step()
    assert len(entries(box)) == 2


def test_a_new_leader_publishes_the_catalogue_too(box: Box, poll: Poll) -> None:
    with write(box.engine) as conn:
        append(conn, tables.log, LOG_ID, b"an entry of a process that died")
        sequence(conn, tables.log, LOG_ID, lambda _: None)
    box.new_worker().compare()
    with read(box.engine) as conn:
        assert published_size(conn, tables.log, LOG_ID) == 2
