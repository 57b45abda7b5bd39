"""The catalogue of what this box published, docs/protocol.md 3.9.

An entry comes in the transaction that it tells of.
"""

from sqlalchemy import Connection, select

from ballot_box import tables
from ballot_box.publishing import check_head, publish_log
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from crypto import merkle, tiles
from crypto.merkle import leaf_hash
from crypto.tlog_proof import TlogProof
from shared.catalogue import LOG_ID, poll_entry
from shared.log.reader import find_leaf
from shared.log.sequencer import append, create_log, sequence, tile_reader


def create_catalogue(connection: Connection) -> None:
    """Create the log; nothing happens if it is there."""
    create_log(connection, tables.log, LOG_ID)


def enter(box: Services, conn: Connection, entry: bytes) -> None:
    """Give an entry its index at once; one that is there stays. Raises BoxReadOnly."""
    if find_leaf(conn, tables.log, LOG_ID, leaf_hash(entry)) is None:
        append(conn, tables.log, LOG_ID, entry)
    head = sequence(conn, tables.log, LOG_ID, lambda _: None)
    check_head(box, LOG_ID, box.trust.ballot_box.catalogue.name, head)


def publish_catalogue(box: Services) -> None:
    """Sign and store the checkpoint of the committed head; repeatable. Raises BoxReadOnly."""
    publish_log(box, LOG_ID, box.trust.ballot_box.catalogue.name)


def poll_proof(conn: Connection, poll: StoredPoll) -> bytes | None:
    """The proof of a poll's entry under the first checkpoint that covers it; None before there is one."""
    return entry_proof(conn, leaf_hash(poll_entry(poll.keys.poll.manifest_bytes, poll.signatures)))


def entry_proof(conn: Connection, leaf: bytes) -> bytes | None:
    """`poll_proof` for the entry with any leaf hash."""
    checkpoint = tables.log.checkpoint.c
    index = find_leaf(conn, tables.log, LOG_ID, leaf)
    if index is None:
        return None
    covering = (checkpoint.log_id == LOG_ID) & (checkpoint.size > index)
    query = select(checkpoint.size, checkpoint.note).where(covering).order_by(checkpoint.size).limit(1)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    subtree = tiles.subtree_reader(row.size, tile_reader(conn, tables.log, LOG_ID))
    hashes = merkle.prove_inclusion(index, row.size, subtree)
    return TlogProof(index, tuple(hashes), bytes(row.note)).to_bytes()
