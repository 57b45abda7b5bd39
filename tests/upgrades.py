"""A database as an earlier release left it: an earlier schema, with the rows of a living one."""

from sqlalchemy import Connection, MetaData, Table, insert, select, update

from crypto.merkle import leaf_hash

ENTRIES = ("log_entry", "log_waiting")


def fill(old: Connection, new: Connection, metadata: MetaData) -> None:
    """Copy the rows of the newest schema, `metadata`, to one of before the entries were parted."""
    there = MetaData()
    there.reflect(old)
    for table in metadata.sorted_tables:
        if table.name in there.tables and table.name not in ENTRIES:
            _copy(old, new, table, there.tables[table.name])
    entries = there.tables["log_entry"]
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


def _copy(old: Connection, new: Connection, source: Table, target: Table) -> None:
    names = [column.name for column in target.columns if column.name in source.c]
    for row in new.execute(select(*(source.c[name] for name in names))).mappings().all():
        if target.name == "leader":
            old.execute(update(target).values(dict(row)))
        else:
            old.execute(insert(target).values(dict(row)))
