"""A database as an earlier release left it: an earlier schema, with the rows of a living one."""

import re
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, insert, select, text, update

from crypto.merkle import leaf_hash
from shared.db import write

ENTRIES = ("log_entry", "log_waiting")
ANOTHER_RELEASE = [
    ("0001", "Run init of this release"),
    ("9999", "a newer one made them"),
    ("9999_suits_9998", "a newer one made them"),
]
"""The version of the tables that a program finds, and what it says."""


def newest(service: str) -> str:
    """The version of the tables of this release."""
    versions = Path(__file__).parents[1] / service / "migrations" / "versions"
    text = max(versions.glob("[0-9]*.py"), key=lambda path: path.name).read_text("utf-8")
    return str(re.findall('^revision = "(.*)"', text, re.MULTILINE)[0])


def next_one(version: str) -> str:
    """That of the release after it, whose tables suit it."""
    return f"9999_suits_{version[:4]}"


def fill(old: Connection, new: Connection, metadata: MetaData) -> None:
    """Copy the rows of the newest schema, `metadata`, to an earlier one."""
    there = MetaData()
    there.reflect(old)
    for table in metadata.sorted_tables:
        if table.name in there.tables and table.name not in (*ENTRIES, "log_head"):
            _copy(old, new, table, there.tables[table.name])
    heads = there.tables["log_head"]
    for head in new.execute(select(metadata.tables["log_head"])).mappings().all():
        old.execute(insert(heads).values({**head, "size": 0, "closed": False}))
    if "log_waiting" in there.tables:
        for name in ENTRIES:
            _copy(old, new, metadata.tables[name], there.tables[name])
    else:
        _fill_undivided(old, new, metadata, there.tables["log_entry"])
    for head in new.execute(select(metadata.tables["log_head"])).mappings().all():
        if head["size"]:
            old.execute(update(heads).where(heads.c.log_id == head["log_id"]).values(dict(head)))


def _fill_undivided(old: Connection, new: Connection, metadata: MetaData, entries: Table) -> None:
    """Of before the entries were parted: all in one table, by leaf hash."""
    waiting = select(metadata.tables["log_waiting"]).with_only_columns(
        *(metadata.tables["log_waiting"].c[name] for name in ("log_id", "entry"))
    )
    placed = new.execute(select(metadata.tables["log_entry"])).all()
    rows = [(row.log_id, row.entry, row.idx) for row in placed]
    rows += [(row.log_id, row.entry, None) for row in new.execute(waiting)]
    for log_id, entry, index in rows:
        leaf = leaf_hash(entry)
        old.execute(insert(entries).values(log_id=log_id, leaf_hash=leaf, entry=entry, idx=None))
        if index is not None:
            here = (entries.c.log_id == log_id) & (entries.c.leaf_hash == leaf)
            old.execute(update(entries).where(here).values(idx=index))


def claim(engine: Engine, version: str) -> None:
    """Say in the database that its tables are at this version."""
    with write(engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def _copy(old: Connection, new: Connection, source: Table, target: Table) -> None:
    names = [column.name for column in target.columns if column.name in source.c]
    for row in new.execute(select(*(source.c[name] for name in names))).mappings().all():
        if target.name == "leader":
            old.execute(update(target).values(dict(row)))
        else:
            old.execute(insert(target).values(dict(row)))
