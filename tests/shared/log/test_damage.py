"""Damaged and restored databases: noticed, neither extended nor signed nor served."""

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from shared.db import read, write
from shared.log.sequencer import LogDamaged, head_of
from shared.log.signer import LogRolledBack
from tests.databases import back_up, drop_guard, restore
from tests.shared.log.conftest import LOG_ID, Log, leaves, open_log

pytestmark = pytest.mark.faults


@pytest.mark.attack("A16")
def test_damaged_tiles_are_neither_extended_nor_signed_over(log: Log) -> None:
    log.append(*leaves(0, 3))
    log.sequence()
    with write(log.engine) as connection:
        connection.execute(update(log.tables.tile).values(data=bytes(96)))
    log.append(b"more")
    with pytest.raises(LogDamaged):
        log.sequence()
    with read(log.engine) as connection:
        assert head_of(connection, log.tables, LOG_ID).size == 3


@pytest.mark.attack("A16")
def test_a_waiting_entry_that_rots_is_noticed_before_the_tree_is_built_over_it(log: Log) -> None:
    log.append(b"one")
    with write(log.engine) as connection:
        drop_guard(connection, "log_waiting", "log_entry_is_numbered_once")
        connection.execute(update(log.tables.waiting).values(entry=b"onE"))
    with pytest.raises(LogDamaged):
        log.sequence()
    with read(log.engine) as connection:
        assert head_of(connection, log.tables, LOG_ID).size == 0


def test_a_bundle_or_tile_that_lacks_is_not_served_short(log: Log) -> None:
    log.append(*leaves(0, 3))
    log.sequence()
    log.publish()
    with write(log.engine) as connection:
        drop_guard(connection, "log_entry", "log_entry_stays")
        connection.execute(delete(log.tables.entry).where(log.tables.entry.c.idx == 1))
        connection.execute(delete(log.tables.tile))
    for path in ("tile/entries/000.p/3", "tile/0/000.p/3"):
        with pytest.raises(LogDamaged):
            log.file(path)


def test_a_restored_old_database_is_noticed_and_not_served_as_new(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append(b"one")
    log.sequence()
    log.publish()
    log.engine.dispose()
    copy = back_up(tmp_path / "log.sqlite")
    log.append(b"two")
    log.sequence()
    log.publish()
    log.engine.dispose()
    restore(copy, tmp_path / "log.sqlite")
    restored = open_log(tmp_path)
    with pytest.raises(LogRolledBack):
        restored.publish()
    restored.append(b"another")
    restored.sequence()
    with pytest.raises(LogRolledBack, match="another history"):
        restored.publish()
    restored.engine.dispose()


def test_a_crash_after_the_mark_and_before_the_checkpoint_is_repaired_by_repeating(log: Log) -> None:
    log.append(b"one")
    head = log.sequence()
    lost = log.signer.sign(head.size, head.root, lambda _old, _new: [])
    assert log.publish().size == 1
    assert lost == log.file("checkpoint")
