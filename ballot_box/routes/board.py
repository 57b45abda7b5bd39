"""The board (docs/protocol.md 7): poll logs at their C2SP tlog-tiles paths, manifests, the trust root."""

from flask import Blueprint, Response

from ballot_box import tables
from ballot_box.catalogue import poll_proof
from ballot_box.polls import known_poll
from ballot_box.routes.answers import json_answer, json_bytes, read_poll_id
from ballot_box.services import services
from shared.catalogue import PROOF
from shared.db import read
from shared.log.reader import NOTE_TYPE
from shared.manifest import Manifest
from shared.refusals import NotFound, PollUnknown
from shared.trust import PATH, TrustRoot
from shared.web.compression import compressed
from shared.web.headers import IMMUTABLE, REVALIDATED, allow_any_origin
from shared.web.log_files import log_file_answer
from shared.web.openapi import HEX_32, JSON, LOG_FILE, SIGNATURES, Content, Operation, described, members

board = Blueprint("board", __name__)
board.after_request(allow_any_origin)


@board.get("/log/<log_id>/<path:path>")
@described(Operation({200: LOG_FILE}, (NotFound,)))
def log_file(log_id: str, path: str) -> Response:
    """A checkpoint, a tile or an entry bundle."""
    return log_file_answer(services().engine, tables.log, log_id, path)


@board.get("/polls")
@described(Operation({200: (Content(JSON, members(polls={"type": "array", "items": HEX_32})),)}))
def list_polls() -> Response:
    """The ids of all polls, what closes last first."""
    with read(services().engine) as conn:
        listed = services().listing.all(conn)
    return json_answer({"polls": [one.poll_id.hex() for one in listed]}, caching=REVALIDATED)


@board.get("/polls/<poll_id>/manifest.json")
@described(Operation({200: (Content(JSON, Manifest),)}, (PollUnknown,)))
def manifest(poll_id: str) -> Response:
    """The exact bytes of the manifest."""
    with read(services().engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
    return compressed(json_bytes(poll.keys.poll.manifest_bytes, caching=IMMUTABLE))


@board.get("/polls/<poll_id>/signatures.json")
@described(Operation({200: (Content(JSON, members(signatures=SIGNATURES)),)}, (PollUnknown,)))
def signatures(poll_id: str) -> Response:
    """The issuers' signatures on the manifest."""
    with read(services().engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
    return json_bytes(poll.signatures, caching=IMMUTABLE)


@board.get(f"/polls/<poll_id>/{PROOF}")
@described(Operation({200: (Content("text/plain", {"type": "string"}),)}, (PollUnknown, NotFound)))
def catalogue_proof(poll_id: str) -> Response:
    """That the poll is in the catalogue (c2sp.org/tlog-proof@v1)."""
    with read(services().engine) as conn:
        proof = poll_proof(conn, known_poll(conn, read_poll_id(poll_id)))
    if proof is None:
        raise NotFound
    return Response(proof, content_type=NOTE_TYPE, headers={"Cache-Control": IMMUTABLE})


@board.get(PATH)
@described(Operation({200: (Content(JSON, TrustRoot),)}))
def trust_root() -> Response:
    """The bytes of trust.json. That it is served also says that the box is ready."""
    return json_bytes(services().trust.to_bytes(), caching=REVALIDATED)
