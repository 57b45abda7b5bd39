"""The public files of this box: of a poll, and of a log."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.catalogue import entry_proof, poll_proof
from ballot_box.releases import all_releases, find_release
from ballot_box.store import StoredPoll
from crypto.merkle import leaf_hash
from crypto.tiles import bundles_of, tiles_of
from shared.catalogue import PROOF
from shared.client_release import LISTED, parse_release
from shared.encoding import b64u, canonical_json
from shared.log.publisher import published_note, published_size
from shared.log.reader import read_file
from shared.statements import KINDS

PUBLISHED: Final[tuple[store.Published, ...]] = (*KINDS, "opening")


def poll_files(conn: Connection, poll: StoredPoll) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of what stands at a poll's URL beside its log."""
    yield "manifest.json", poll.keys.poll.manifest_bytes
    yield "signatures.json", poll.signatures
    proof = poll_proof(conn, poll)
    if proof is not None:
        yield PROOF, proof
    if poll.result is not None and poll.result_signature is not None:
        yield "result.json", poll.result
        yield "result.signature", b64u(poll.result_signature).encode()
    for kind in PUBLISHED:
        statement = store.find_statement(conn, poll.poll_id, kind)
        if statement is not None:
            yield f"{kind}.json", statement


def release_files(conn: Connection) -> Iterator[tuple[str, bytes]]:
    """URL path and bytes of the client's releases, their list last."""
    ids = all_releases(conn)
    for release_id in ids:
        path, encoded = f"/client-releases/{release_id.hex()}", find_release(conn, release_id)
        yield f"{path}/release.json", encoded
        proof = entry_proof(conn, leaf_hash(parse_release(encoded).leaf))
        if proof is not None:
            yield f"{path}/{PROOF}", proof
    yield LISTED, canonical_json({"releases": [one.hex() for one in ids]})


def log_paths(size: int) -> Iterator[str]:
    """The paths of all tiles and entry bundles of a log of this size."""
    for tile in (*tiles_of(size), *bundles_of(size)):
        yield tile.path()


def log_files(conn: Connection, log_id: str) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of everything of a log, the checkpoint last; nothing before the first one."""
    note = published_note(conn, tables.log, log_id)
    if note is None:
        return
    for path in log_paths(published_size(conn, tables.log, log_id)):
        yield path, read_file(conn, tables.log, log_id, path).data
    yield "checkpoint", note
