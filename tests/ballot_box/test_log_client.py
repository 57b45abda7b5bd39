"""A C2SP log client not written by us (tlog-scales) reads a box over HTTP, and finds what it must."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProofInvalid, InclusionProofInvalid

from ballot_box import tables
from ballot_box.catalogue import publish_catalogue
from ballot_box.services import open_services
from shared.catalogue import LOG_ID, catalogue_url
from shared.db import write
from shared.log.sequencer import append, sequence
from tests.ballot_box.box import STRANGER_SEED, Box
from tests.front import Front
from tests.running_witness import RunningWitness
from tests.simulator import log_key

pytestmark = pytest.mark.interop


@pytest.fixture
def box(tmp_path: Path, front: Front, witness: RunningWitness) -> Box:
    (tmp_path / "box").mkdir()
    box = Box(tmp_path / "box", url=front.url, witnesses=(witness.setting,))
    witness.admit(box.trust.ballot_box.catalogue)
    front.show(box)
    return box


def enter(box: Box, *entries: bytes) -> None:
    """Put entries into the catalogue, in this order."""
    with write(box.engine) as conn:
        for entry in entries:
            append(conn, tables.log, LOG_ID, entry)
            sequence(conn, tables.log, LOG_ID, lambda _: None)
    publish_catalogue(open_services(box.settings, box.watch))


def read(box: Box) -> tuple[TilesReader, Checkpoint]:
    reader = TilesReader(HttpBackend(catalogue_url(box.url)))
    return reader, reader.get_checkpoint()


def test_it_takes_checkpoint_cosignature_entries_inclusion_and_consistency(
    box: Box, witness: RunningWitness
) -> None:
    entries = [f"entry {number}".encode() for number in range(300)]
    enter(box, *entries[:5])
    _, old = read(box)
    enter(box, *entries[5:])
    reader, new = read(box)
    assert (old.size, new.size) == (5, 300)
    for checkpoint in (old, new):
        checkpoint.verify(Vkey.from_string(box.trust.ballot_box.catalogue_key))
        checkpoint.verify(Vkey.from_string(str(witness.key)))
    assert [reader.get_entry(index) for index in range(300)] == entries
    assert reader.calculate_root_hash() == new.root_hash
    for index in (0, 4, 255, 256, 299):
        proof = reader.get_inclusion_proof(index, new.size)
        proof.check(leaf_hash(entries[index]), new.root_hash)
        with pytest.raises(InclusionProofInvalid):
            proof.check(leaf_hash(b"another entry"), new.root_hash)
    reader.get_consistency_proof(old.size, new.size).check(old.root_hash, new.root_hash)


def test_it_finds_another_history_and_another_key(box: Box, tmp_path: Path, front: Front) -> None:
    enter(box, b"one", b"two", b"three")
    _, old = read(box)
    (tmp_path / "other").mkdir()
    other = Box(tmp_path / "other", url=front.url)
    front.show(other)
    enter(other, b"one", b"2", b"three", b"four")
    reader, new = read(other)
    with pytest.raises(ConsistencyProofInvalid):
        reader.get_consistency_proof(old.size, new.size).check(old.root_hash, new.root_hash)
    with pytest.raises(RuntimeError, match="no signature matched"):
        new.verify(Vkey.from_string(box.trust.ballot_box.catalogue_key))
    forged = Vkey.from_string(log_key(catalogue_url(front.url), STRANGER_SEED))
    forged.key_id = new.signatures[0].key_id
    with pytest.raises(InvalidSignature):
        new.verify(forged)
