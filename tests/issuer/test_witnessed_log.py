"""A witness of its own, over HTTP, cosigns the issuance log; its outage stops no issuance."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from crypto.checkpoint import open_checkpoint
from crypto.cosignature import cosignatures
from crypto.signed_note import VerifierKey
from issuer import tables
from issuer.polls import log_id
from issuer.worker import Worker
from shared.db import read
from shared.log.reader import read_file
from shared.log.witnesses import Policy, Witnesses, parse_witness
from shared.manifest import Poll
from tests.issuer.office import Office
from tests.issuer.test_issuance_log import issue
from tests.running_witness import RunningWitness


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def poll(office: Office) -> Poll:
    return office.publish()


@pytest.fixture
def worker(office: Office, witness: RunningWitness) -> Worker:
    """The issuer's worker with this witness in its settings."""
    policy = Policy((parse_witness(witness.setting),), quorum=1, patience=60)
    cosign = Witnesses(policy, httpx.Client(), office.watch).cosigned
    return Worker(office.settings, office.engine, office.keys, office.watch, cosign=cosign)


def published(office: Office, poll: Poll) -> tuple[int, bytes]:
    """Size and note of the newest checkpoint."""
    entry = poll.manifest.issuers[0]
    with read(office.engine) as conn:
        note = read_file(conn, tables.log, log_id(entry), "checkpoint").data
    return open_checkpoint(note, VerifierKey.parse(entry.log_key)).size, note


def test_the_closed_issuance_log_is_cosigned(
    office: Office, poll: Poll, witness: RunningWitness, worker: Worker
) -> None:
    witness.admit(VerifierKey.parse(poll.manifest.issuers[0].log_key))
    issue(office, poll, 2)
    office.watch.now = poll.manifest.closes_at
    worker.step()
    size, note = published(office, poll)
    assert size == 3
    assert set(cosignatures(note, [witness.key])) == {witness.key}


def test_without_its_witness_it_waits_and_then_goes_out_alone(
    office: Office, poll: Poll, witness: RunningWitness, worker: Worker
) -> None:
    issue(office, poll, 2)
    office.watch.now = poll.manifest.closes_at
    worker.step()
    assert published(office, poll)[0] == 0
    assert not office.keys.has_token_key(poll.poll_id)
    office.watch.now += timedelta(seconds=60)
    worker.step()
    size, note = published(office, poll)
    assert size == 3
    assert cosignatures(note, [witness.key]) == {}
