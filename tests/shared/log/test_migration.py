from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations

from shared.db import connect, read, write
from shared.log.migration import part_entries

OLD = (
    """CREATE TABLE log_entry (log_id VARCHAR(32) NOT NULL, leaf_hash BLOB NOT NULL, entry BLOB NOT NULL,
       idx INTEGER, PRIMARY KEY (log_id, leaf_hash)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX log_entry_idx ON log_entry (log_id, idx)",
    "CREATE TABLE log_head (log_id, size, root, closed)",
    """INSERT INTO log_entry VALUES ('a', x'01', 'second', 1), ('a', x'02', 'waits', NULL),
       ('a', x'03', 'first', 0), ('b', x'01', 'other', 0)""",
)


def test_a_log_of_an_older_version_keeps_its_entries_and_what_waits(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'log.sqlite'}")
    with write(engine) as conn:
        for statement in OLD:
            conn.exec_driver_sql(statement)
        with Operations.context(MigrationContext.configure(conn)):
            part_entries()
    with read(engine) as conn:
        placed = conn.exec_driver_sql("SELECT log_id, idx, entry FROM log_entry ORDER BY log_id, idx").all()
        waiting = conn.exec_driver_sql("SELECT log_id, leaf_hash, entry, idx FROM log_waiting").all()
    assert placed == [("a", 0, "first"), ("a", 1, "second"), ("b", 0, "other")]
    assert waiting == [("a", b"\x02", "waits", None)]
    engine.dispose()
