"""The signer and its mark: never two histories, never an older one, whatever the database says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from crypto import merkle
from crypto.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from shared.db import write
from shared.log.publisher import publish
from shared.log.sequencer import LogDamaged
from shared.log.signer import CheckpointSigner, LogRolledBack
from tests.shared.log.conftest import LOG_ID, ORIGIN, Log

HASHES = [merkle.leaf_hash(bytes([n])) for n in range(9)]
OTHERS = [merkle.leaf_hash(b"another"), *HASHES[1:]]


@pytest.fixture
def signer(tmp_path: Path) -> CheckpointSigner:
    return CheckpointSigner(ORIGIN, b"\x08" * 32, tmp_path / "mark")


def sign(signer: CheckpointSigner, size: int, hashes: list[bytes] = HASHES) -> bytes:
    def prove(old: int, new: int) -> list[bytes]:
        return merkle.prove_consistency(old, new, lambda start, end: merkle.root_of(hashes[start:end]))

    return signer.sign(size, merkle.root_of(hashes[:size]), prove)


def test_a_growing_log_is_signed(signer: CheckpointSigner) -> None:
    for size in (0, 1, 4, 4, 9):
        assert sign(signer, size) == sign_checkpoint(
            Checkpoint(ORIGIN, size, merkle.root_of(HASHES[:size])), signer.seed
        )


def refused(signer: CheckpointSigner, size: int, hashes: list[bytes] = HASHES) -> None:
    before = signer.mark.read_bytes()
    with pytest.raises(LogRolledBack):
        sign(signer, size, hashes)
    assert signer.mark.read_bytes() == before


@pytest.mark.attack("A16")
def test_a_smaller_head_is_refused(signer: CheckpointSigner) -> None:
    sign(signer, 4)
    refused(signer, 3)
    refused(signer, 0)


@pytest.mark.attack("A16")
def test_another_head_of_the_same_size_is_refused(signer: CheckpointSigner) -> None:
    sign(signer, 4)
    refused(signer, 4, OTHERS)


def test_another_history_is_refused_when_it_has_outgrown_the_mark(signer: CheckpointSigner) -> None:
    sign(signer, 4)
    refused(signer, 9, OTHERS)


def test_a_proof_of_the_wrong_tree_is_refused(signer: CheckpointSigner) -> None:
    sign(signer, 4)
    with pytest.raises(LogRolledBack):
        signer.sign(9, merkle.root_of(HASHES), lambda _old, _new: [])


def test_the_mark_outlives_the_signer(signer: CheckpointSigner) -> None:
    sign(signer, 4)
    refused(CheckpointSigner(ORIGIN, signer.seed, signer.mark), 3)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:-3],
        lambda text: text + "more\n",
        lambda text: text.replace(ORIGIN, "log.example/log/other"),
    ],
    ids=["empty", "cut", "longer", "of another log"],
)
def test_nothing_is_signed_over_a_mark_that_does_not_read(
    signer: CheckpointSigner, spoil: Callable[[str], str]
) -> None:
    sign(signer, 4)
    signer.mark.write_text(spoil(signer.mark.read_text()))
    refused(signer, 9)


@pytest.mark.faults
def test_the_mark_is_on_the_disk_before_the_signature_is_made(
    signer: CheckpointSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("os.fsync", lambda fd: seen.append(str(Path(f"/proc/self/fd/{fd}").readlink())))
    monkeypatch.setattr("shared.log.signer.sign_checkpoint", lambda *_: seen.append("signed"))
    sign(signer, 4)
    written, folder, signed = seen
    assert Path(written).parent == signer.mark.parent
    assert Path(folder) == signer.mark.parent
    assert signed == "signed"


@pytest.mark.faults
def test_a_mark_that_cannot_be_written_stops_the_signature(
    signer: CheckpointSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(signer, 4)

    def full(_fd: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="no space"):
            sign(signer, 9)
    last = signer.last_signed()
    assert last is not None
    assert last.size == 4
    assert [path.name for path in signer.mark.parent.iterdir()] == ["mark"]


def test_the_key_is_not_in_what_python_prints(signer: CheckpointSigner) -> None:
    assert "seed" not in repr(signer)


def _published(log: Log) -> None:
    log.append(b"one")
    log.sequence()
    log.publish()


@pytest.mark.faults
def test_a_lost_mark_stops_publication_until_it_is_put_back_from_the_checkpoint(log: Log) -> None:
    _published(log)
    log.signer.mark.unlink()
    with pytest.raises(LogRolledBack, match="mark is lost"):
        log.publish()
    assert not log.signer.mark.exists()
    lines = publish_text(log).splitlines(keepends=True)
    log.signer.mark.write_text("".join(lines[:3]))
    assert log.publish().size == 1


def publish_text(log: Log) -> str:
    """What anyone has who kept the last checkpoint."""
    return sign_checkpoint(
        Checkpoint(ORIGIN, 1, merkle.root_of([merkle.leaf_hash(b"one")])), log.signer.seed
    ).decode()


@pytest.mark.faults
def test_a_head_that_differs_from_the_published_checkpoint_is_not_signed_though_the_mark_is_old(
    log: Log,
) -> None:
    _published(log)
    mark = log.signer.mark.read_bytes()
    ahead = Checkpoint(ORIGIN, 5, merkle.root_of(HASHES[:5]))
    with write(log.engine) as connection:
        row = {"log_id": LOG_ID, "size": 5, "note": sign_checkpoint(ahead, log.signer.seed)}
        connection.execute(insert(log.tables.checkpoint).values(row))
    with pytest.raises(LogRolledBack):
        log.publish()
    log.append(*(bytes([n]) for n in range(8)))
    log.sequence()
    with pytest.raises(LogRolledBack, match="another history"):
        log.publish()
    assert log.signer.mark.read_bytes() == mark


@pytest.mark.faults
def test_a_checkpoint_by_another_key_stops_publication(log: Log) -> None:
    _published(log)
    other = CheckpointSigner(ORIGIN, b"\x09" * 32, log.signer.mark)
    with pytest.raises(LogRolledBack, match="not signed by this log's key"):
        publish(log.engine, log.tables, LOG_ID, other)


@pytest.mark.faults
def test_damaged_tiles_are_not_signed_even_for_the_first_time(log: Log) -> None:
    log.append(b"one", b"two")
    log.sequence()
    with write(log.engine) as connection:
        connection.execute(update(log.tables.tile).values(data=bytes(64)))
    with pytest.raises(LogDamaged):
        log.publish()
    assert not log.signer.mark.exists()


def test_the_mark_reads_as_the_text_of_a_checkpoint(log: Log) -> None:
    """So that an operator can put a lost one back with `head -n 3 checkpoint`."""
    _published(log)
    assert parse_checkpoint(log.signer.mark.read_text()) == log.publish()
