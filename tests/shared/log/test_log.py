from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Delete, Insert, Update, column, delete, insert, inspect, select, update
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DatabaseError

from crypto import merkle, tiles
from crypto.tiles import Tile, bundles_of, tiles_of
from shared.db import read, write
from shared.log.publisher import publish
from shared.log.reader import NoSuchFile, find_leaf, read_file
from shared.log.sequencer import (
    EntryTooLong,
    LogClosed,
    LogDamaged,
    LogUnknown,
    append,
    create_log,
    head_of,
    sequence,
    waiting,
)
from shared.log.tables import LogTables
from tests.databases import chosen, statements
from tests.shared.log.conftest import LOG_ID, Log, leaves


@pytest.mark.parametrize("batches", [[1], [3, 4], [256], [255, 1, 1], [300, 300, 700]])
def test_every_published_tile_and_bundle_follows_from_the_entries(log: Log, batches: list[int]) -> None:
    for batch in batches:
        log.append(*leaves(len(log.entries()), batch))
        log.sequence()
        checkpoint = log.publish()
        hashes = [merkle.leaf_hash(entry) for entry in log.entries()]
        assert checkpoint.size == len(hashes)
        assert checkpoint.root == merkle.root_of(hashes)
        fresh = dict(tiles.extend(0, hashes, lambda _: b""))
        assert set(fresh) == set(tiles_of(checkpoint.size))
        for tile, data in fresh.items():
            assert log.file(tile.path()) == data
        served = [
            tiles.decode_bundle(log.file(tile.path()), tile.width) for tile in bundles_of(checkpoint.size)
        ]
        assert [entry for bundle in served for entry in bundle] == log.entries()


def test_a_partial_tile_of_every_published_size_stays_readable(log: Log) -> None:
    for n in range(5):
        log.append(*leaves(n, 1))
        log.sequence()
        log.publish()
    hashes = [merkle.leaf_hash(entry) for entry in log.entries()]
    for width in range(1, 6):
        assert log.file(Tile(0, 0, width).path()) == b"".join(hashes[:width])


def test_what_is_not_published_yet_is_not_served(log: Log) -> None:
    log.append(*leaves(0, 2))
    log.sequence()
    for path in ("checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"):
        with pytest.raises(NoSuchFile):
            log.file(path)


@pytest.mark.parametrize(
    "path", ["", "tile/0/000", "tile/0/0", "tile/00/000.p/1", "tile/0/000.p/0", "../x", "tile/1/000.p/1"]
)
def test_a_path_that_names_no_tile_is_not_there(log: Log, path: str) -> None:
    log.append(*leaves(0, 2))
    log.sequence()
    log.publish()
    with pytest.raises(NoSuchFile):
        log.file(path)


def test_the_order_inside_a_batch_is_not_the_order_of_arrival(log: Log) -> None:
    arrived = leaves(0, 50)
    log.append(*arrived)
    log.sequence()
    assert sorted(log.entries()) == sorted(arrived)
    assert log.entries() not in (arrived, sorted(arrived, key=merkle.leaf_hash))


def test_the_same_entry_twice_waits_once(log: Log) -> None:
    log.append(b"one", b"one")
    log.append(b"one")
    with read(log.engine) as connection:
        assert waiting(connection, log.tables, LOG_ID) == 1
    log.sequence()
    assert log.entries() == [b"one"]


def test_a_leaf_is_found_by_its_hash_once_it_has_its_index(log: Log) -> None:
    def found(entry: bytes) -> int | None:
        with read(log.engine) as connection:
            return find_leaf(connection, log.tables, LOG_ID, merkle.leaf_hash(entry))

    log.append(*leaves(0, 300))
    assert found(leaves(0, 1)[0]) is None
    log.sequence()
    log.append(b"late")
    assert [found(entry) for entry in log.entries()] == list(range(300))
    assert found(b"late") is None


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
    late = {"log_id": LOG_ID, "leaf_hash": merkle.leaf_hash(b"late"), "entry": b"late", "idx": None}
    placed = {"log_id": LOG_ID, "idx": 2, "entry": b"late"}
    for statement in (insert(log.tables.waiting).values(late), insert(log.tables.entry).values(placed)):
        with write(log.engine) as connection, pytest.raises(DatabaseError, match="a log that is open"):
            connection.execute(statement)
    assert log.publish().size == 2


def test_a_closing_record_that_somebody_left_before_does_not_close(log: Log) -> None:
    log.append(b"one", b"closing")
    with pytest.raises(LogDamaged):
        log.sequence(closing=b"closing")
    assert log.entries() == []
    assert log.sequence(closing=b"another").closed


def test_the_closing_record_knows_how_many_leaves_come_before_it(log: Log) -> None:
    log.append(*leaves(0, 3))
    log.sequence()
    log.append(*leaves(3, 2))
    with write(log.engine) as connection:
        head = sequence(connection, log.tables, LOG_ID, lambda _: None, closing=lambda n: f"{n}".encode())
    assert (head.size, log.entries()[-1]) == (6, b"5")


def test_an_unknown_log_takes_gives_and_signs_nothing(log: Log) -> None:
    other = "f" * 32
    with write(log.engine) as connection:
        with pytest.raises(LogUnknown):
            append(connection, log.tables, other, b"one")
        with pytest.raises(LogUnknown):
            sequence(connection, log.tables, other, lambda _: None)
        with pytest.raises(NoSuchFile):
            read_file(connection, log.tables, other, "checkpoint")
    with pytest.raises(LogUnknown):
        publish(log.engine, log.tables, other, log.signer)


def test_logs_in_one_database_do_not_see_each_other(log: Log) -> None:
    other = "f" * 32
    with write(log.engine) as connection:
        create_log(connection, log.tables, other)
        append(connection, log.tables, other, b"one")
    log.append(b"one", b"two")
    log.sequence()
    with write(log.engine) as connection:
        assert waiting(connection, log.tables, other) == 1
        assert sequence(connection, log.tables, other, lambda _: None).size == 1
        assert head_of(connection, log.tables, LOG_ID).size == 2


def test_an_order_drawn_for_a_batch_is_the_order_of_the_log(log: Log) -> None:
    drawn = [merkle.leaf_hash(entry) for entry in leaves(0, 9)]
    log.append(*reversed(leaves(0, 9)))
    offered: list[list[bytes]] = []

    def shuffle(waiting: list[bytes]) -> None:
        offered.append(list(waiting))
        waiting.sort(key=drawn.index)

    with write(log.engine) as connection:
        sequence(connection, log.tables, LOG_ID, shuffle)
    assert offered == [sorted(drawn)]
    assert log.entries() == leaves(0, 9)


def test_nothing_in_the_tables_tells_a_time_or_a_row_number(log: Log) -> None:
    with read(log.engine) as connection:
        tables = inspect(connection)
        names = {column["name"] for table in tables.get_table_names() for column in tables.get_columns(table)}
        for table in tables.get_table_names() if chosen() == "sqlite" else ():
            with pytest.raises(DatabaseError, match="no such column: rowid"):
                connection.execute(select(column("rowid")).select_from(sql_table(table)))
    assert names == {
        "log_id", "leaf_hash", "entry", "idx", "level", "n", "data", "size", "root", "closed", "note"
    }  # fmt: skip


def test_what_is_immutable_is_the_tiles_and_not_the_checkpoint(log: Log) -> None:
    log.append(b"one")
    log.sequence()
    log.publish()
    with read(log.engine) as connection:
        served = [
            read_file(connection, log.tables, LOG_ID, path)
            for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1")
        ]
    assert [(file.content_type, file.immutable) for file in served] == [
        ("text/plain; charset=utf-8", False),
        ("application/octet-stream", True),
        ("application/octet-stream", True),
    ]


def test_a_batch_of_thousands_takes_no_statement_for_each(log: Log) -> None:
    with write(log.engine) as connection:
        for n in range(5000):
            append(connection, log.tables, LOG_ID, f"{n}".encode() * 100)
    assert 0 < len(statements(log.engine, log.sequence)) < 500
    assert log.publish().size == 5000


def test_a_batch_asks_once_for_each_tile_of_the_right_edge(log: Log) -> None:
    log.append(*leaves(0, 255 + 256))
    log.sequence()
    log.append(b"one more")
    asked = statements(log.engine, log.sequence)
    assert len([one for one in asked if one.startswith("SELECT log_tile.data")]) == 2


def test_an_entry_too_long_for_a_bundle_is_refused(log: Log) -> None:
    with pytest.raises(EntryTooLong):
        log.append(bytes(65_536))


def _forbidden(tables: LogTables) -> dict[str, list[Delete | Insert | Update]]:
    """What the database says -> what it says it to."""
    ahead = {"log_id": LOG_ID, "leaf_hash": bytes(32), "entry": b"", "idx": 2}
    again = {"log_id": LOG_ID, "idx": 1, "entry": b""}
    queued = update(tables.waiting)
    return {
        "log entries stay": [delete(tables.entry)],
        "log entries are final": [update(tables.entry).values(idx=5), update(tables.entry).values(entry=b"")],
        "comes last": [insert(tables.entry).values(again)],
        "waits until it has its place": [delete(tables.waiting)],
        "changes but once": [
            queued.values(idx=None),
            queued.values(idx=2, entry=b"another"),
            queued.values(idx=2, leaf_hash=bytes(32)),
            queued.values(idx=2, log_id="f" * 32),
        ],
        "comes waiting": [insert(tables.waiting).values(ahead)],
        "a log stays": [delete(tables.head)],
        "a log grows": [update(tables.head).values(size=1), update(tables.head).values(root=bytes(32))],
        "checkpoints stay": [delete(tables.checkpoint)],
        "checkpoints are final": [update(tables.checkpoint).values(note=b"")],
    }


def test_the_database_itself_refuses_to_lose_or_change_what_was_logged(log: Log) -> None:
    log.append(b"one")
    log.sequence()
    log.append(b"two")
    log.sequence()
    log.publish()
    log.append(b"three")
    for message, refused in _forbidden(log.tables).items():
        for statement in refused:
            with write(log.engine) as connection, pytest.raises(DatabaseError, match=message):
                connection.execute(statement)
    with write(log.engine) as connection:
        connection.execute(update(log.tables.waiting).values(idx=1))
        with pytest.raises(DatabaseError, match="until it has its place"):
            connection.execute(delete(log.tables.waiting))
        connection.rollback()


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


def test_an_entry_of_an_undone_transaction_was_never_there(log: Log) -> None:
    with write(log.engine) as connection:
        append(connection, log.tables, LOG_ID, b"gone")
        connection.rollback()
    log.append(b"kept")
    log.sequence()
    assert log.entries() == [b"kept"]
