"""Releases of the client, docs/protocol.md 3.11: checked, kept, and entered in the catalogue."""

from sqlalchemy import Connection, select

from ballot_box import tables
from ballot_box.catalogue import enter, publish_catalogue
from ballot_box.services import Services
from crypto.merkle import leaf_hash
from shared.catalogue import LOG_ID
from shared.client_release import Release, ReleaseInvalid, verify_release
from shared.db import insert_new, write
from shared.log.reader import find_leaf
from shared.refusals import NotFound, ReleaseRefused


def accept_release(box: Services, release: Release) -> bool:
    """Publish a release; False if it is there.

    Raises BoxReadOnly, StorageFull, ReleaseRefused (not signed as it must be, or there with other
    signatures).
    """
    box.check_accepting()
    try:
        verify_release(box.trust, release)
    except ReleaseInvalid as invalid:
        raise ReleaseRefused(str(invalid)) from None
    with write(box.engine) as conn:
        added = _add(conn, release)
        if added:
            enter(box, conn, release.leaf)
        elif find_release(conn, release.release_id) != release.encoded:
            raise ReleaseRefused("it is there with other signatures")
    publish_catalogue(box)
    return added


def find_release(conn: Connection, release_id: bytes) -> bytes:
    """A release as it is published. Raises NotFound."""
    columns = tables.client_release.c
    release = conn.scalar(select(columns.release).where(columns.release_id == release_id))
    if release is None:
        raise NotFound
    return bytes(release)


def all_releases(conn: Connection) -> tuple[bytes, ...]:
    """The ids of all releases, in the order of the catalogue."""
    release = tables.client_release.c
    rows = conn.execute(select(release.release_id, release.leaf_hash)).all()
    places = {row.release_id: find_leaf(conn, tables.log, LOG_ID, row.leaf_hash) for row in rows}
    return tuple(one for _, one in sorted((at, one) for one, at in places.items() if at is not None))


def _add(conn: Connection, release: Release) -> bool:
    row = {
        "release_id": release.release_id,
        "leaf_hash": leaf_hash(release.leaf),
        "release": release.encoded,
    }
    return conn.execute(insert_new(conn, tables.client_release).values(row)).rowcount == 1
