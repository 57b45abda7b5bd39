import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from crypto import merkle, tiles
from crypto.tiles import Tile, bundles_of, tiles_of
from shared.db import read, write
from shared.log.reader import NoSuchFile, read_file
from shared.log.sequencer import EntryTooLong, LogClosed, LogDamaged, append, head_of, waiting
from shared.log.signer import LogRolledBack
from tests.shared.log.conftest import LOG_ID, Log, open_log


def _leaves(first: int, count: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(first, first + count)]


def _file(log: Log, path: str) -> bytes:
    with read(log.engine) as connection:
        return read_file(connection, log.tables, LOG_ID, path).data


@pytest.mark.parametrize("batches", [[1], [3, 4], [256], [255, 1, 1], [300, 300, 700]])
def test_every_published_tile_and_bundle_follows_from_the_entries(log: Log, batches: list[int]) -> None:
    for batch in batches:
        log.append(*_leaves(len(log.entries()), batch))
        log.sequence()
        checkpoint = log.publish()
        hashes = [merkle.leaf_hash(entry) for entry in log.entries()]
        assert checkpoint.size == len(hashes)
        assert checkpoint.root == merkle.root_of(hashes)
        fresh = dict(tiles.extend(0, hashes, lambda _: b""))
        assert set(fresh) == set(tiles_of(checkpoint.size))
        for tile, data in fresh.items():
            assert _file(log, tile.path()) == data
        served = [
            tiles.decode_bundle(_file(log, tile.path()), tile.width) for tile in bundles_of(checkpoint.size)
        ]
        assert [entry for bundle in served for entry in bundle] == log.entries()


def test_a_partial_tile_of_every_published_size_stays_readable(log: Log) -> None:
    for n in range(5):
        log.append(*_leaves(n, 1))
        log.sequence()
        log.publish()
    hashes = [merkle.leaf_hash(entry) for entry in log.entries()]
    for width in range(1, 6):
        assert _file(log, Tile(0, 0, width).path()) == b"".join(hashes[:width])


def test_what_is_not_published_yet_is_not_served(log: Log) -> None:
    log.append(*_leaves(0, 2))
    log.sequence()
    for path in ("checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"):
        with pytest.raises(NoSuchFile):
            _file(log, path)


@pytest.mark.parametrize(
    "path", ["", "tile/0/000", "tile/0/0", "tile/00/000.p/1", "tile/0/000.p/0", "../x", "tile/1/000.p/1"]
)
def test_a_path_that_names_no_tile_is_not_there(log: Log, path: str) -> None:
    log.append(*_leaves(0, 2))
    log.sequence()
    log.publish()
    with pytest.raises(NoSuchFile):
        _file(log, path)


def test_the_order_inside_a_batch_is_not_the_order_of_arrival(log: Log) -> None:
    arrived = _leaves(0, 50)
    log.append(*arrived)
    log.sequence()
    assert sorted(log.entries()) == sorted(arrived)
    assert log.entries() not in (arrived, sorted(arrived, key=merkle.leaf_hash))


def test_the_same_entry_twice_is_one_leaf(log: Log) -> None:
    log.append(b"one", b"one")
    log.sequence()
    log.append(b"one")
    with read(log.engine) as connection:
        assert waiting(connection, log.tables, LOG_ID) == 0
    assert log.entries() == [b"one"]


def test_nothing_comes_after_the_closing_record(log: Log) -> None:
    log.append(b"one")
    head = log.sequence(closing=b"closing")
    assert head.closed
    assert log.entries() == [b"one", b"closing"]
    with pytest.raises(LogClosed):
        log.append(b"late")
    with pytest.raises(LogClosed):
        log.sequence()
    with write(log.engine) as connection, pytest.raises(DatabaseError, match="until it is closed"):
        connection.execute(update(log.tables.head).values(size=3))


def test_an_entry_too_long_for_a_bundle_is_refused(log: Log) -> None:
    with pytest.raises(EntryTooLong):
        log.append(bytes(65_536))


def test_the_database_itself_refuses_to_lose_or_change_an_entry(log: Log) -> None:
    log.append(b"one")
    log.sequence()
    for statement in (delete(log.tables.entry), update(log.tables.entry).values(entry=b"two")):
        with write(log.engine) as connection, pytest.raises(DatabaseError):
            connection.execute(statement)
    for statement in (update(log.tables.entry).values(idx=5), delete(log.tables.head)):
        with write(log.engine) as connection, pytest.raises(DatabaseError):
            connection.execute(statement)


def test_two_sequencers_never_give_an_index_twice(log: Log) -> None:
    def work(first: int) -> None:
        for n in range(first, first + 10):
            log.append(f"entry {n}".encode())
            log.sequence()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (0, 10, 20, 30)))
    assert sorted(log.entries()) == sorted(f"entry {n}".encode() for n in range(40))
    assert log.publish().size == 40


def test_signing_the_same_head_again_gives_the_same_bytes(log: Log) -> None:
    log.append(b"one")
    log.sequence()
    assert log.publish() == log.publish()


@pytest.mark.faults
def test_damaged_tiles_are_neither_extended_nor_signed_over(log: Log) -> None:
    log.append(*_leaves(0, 3))
    log.sequence()
    with write(log.engine) as connection:
        connection.execute(update(log.tables.tile).values(data=bytes(96)))
    log.append(b"more")
    with pytest.raises(LogDamaged):
        log.sequence()
    with read(log.engine) as connection:
        assert head_of(connection, log.tables, LOG_ID).size == 3


@pytest.mark.faults
def test_a_restored_old_database_is_noticed_and_not_served_as_new(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append(b"one")
    log.sequence()
    log.publish()
    log.engine.dispose()
    shutil.copy(tmp_path / "log.sqlite", tmp_path / "backup")
    log.append(b"two")
    log.sequence()
    log.publish()
    log.engine.dispose()
    (tmp_path / "backup").replace(tmp_path / "log.sqlite")
    for rest in tmp_path.glob("log.sqlite-*"):
        rest.unlink()
    restored = open_log(tmp_path)
    with pytest.raises(LogRolledBack):
        restored.publish()
    restored.append(b"another")
    restored.sequence()
    with pytest.raises(LogRolledBack, match="another history"):
        restored.publish()
    restored.engine.dispose()


@pytest.mark.faults
def test_a_crash_after_the_mark_and_before_the_checkpoint_is_repaired_by_repeating(log: Log) -> None:
    log.append(b"one")
    head = log.sequence()
    lost = log.signer.sign(head.size, head.root, lambda _old, _new: [])
    assert log.publish().size == 1
    assert lost == _file(log, "checkpoint")


KILLED = """
import sys
from pathlib import Path
from tests.shared.log.conftest import open_log
log = open_log(Path(sys.argv[1]))
for n in range(100000):
    log.append(f"{sys.argv[2]} {n}".encode())
    print(n, flush=True)
    if n % 7 == 0:
        log.sequence(); log.publish()
"""


@pytest.mark.faults
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    open_log(tmp_path).engine.dispose()
    acknowledged = []
    for run in range(3):
        argv = [sys.executable, "-c", KILLED, str(tmp_path), str(run)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(20 + 3 * run):
                acknowledged.append(f"{run} {process.stdout.readline().strip()}".encode())
            process.kill()
    log = open_log(tmp_path)
    log.sequence()
    checkpoint = log.publish()
    written = log.entries()
    assert set(acknowledged) <= set(written)
    assert len(set(written)) == len(written) == checkpoint.size
    with read(log.engine) as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    log.engine.dispose()


def test_an_entry_of_an_undone_transaction_was_never_there(log: Log) -> None:
    with write(log.engine) as connection:
        append(connection, log.tables, LOG_ID, b"gone")
        connection.rollback()
    log.append(b"kept")
    log.sequence()
    assert log.entries() == [b"kept"]
