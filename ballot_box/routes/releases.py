"""Releases of the client (docs/protocol.md 3.11): taken from issuers, shown to everybody."""

from typing import Final

from flask import Blueprint, Response

from ballot_box.catalogue import entry_proof
from ballot_box.releases import accept_release, all_releases, find_release
from ballot_box.routes.answers import json_answer, json_bytes
from ballot_box.routes.bodies import read_body
from ballot_box.services import services
from crypto.merkle import leaf_hash
from shared.catalogue import PROOF
from shared.client_release import LISTED, MAX_RELEASE_SIZE, ReleaseInvalid, parse_release
from shared.db import read
from shared.encoding import EncodingRefused, from_hex
from shared.log.reader import NOTE_TYPE
from shared.refusals import (
    BoxReadOnly,
    MalformedRequest,
    MediaTypeUnsupported,
    NotFound,
    ReleaseRefused,
    StorageFull,
    TooLarge,
)
from shared.web.headers import IMMUTABLE, REVALIDATED, UNSTORED, allow_any_origin
from shared.web.openapi import HEX_32, JSON, RELEASE, Content, Operation, described, members

releases = Blueprint("releases", __name__)
releases.after_request(allow_any_origin)

KNOWN: Final = Content(JSON, members(release_id=HEX_32))
REFUSALS: Final = (
    MalformedRequest, MediaTypeUnsupported, TooLarge, NotFound, ReleaseRefused, BoxReadOnly, StorageFull,
)  # fmt: skip


@releases.put("/client-releases/<release_id>")
@described(Operation({200: (KNOWN,), 201: (KNOWN,)}, REFUSALS, Content(JSON, RELEASE)))
def publish_release(release_id: str) -> Response:
    """Accept a release of the client: 201, or 200 when it was there."""
    wanted = _release_id(release_id)
    try:
        release = parse_release(read_body("application/json", MAX_RELEASE_SIZE))
    except ReleaseInvalid:
        raise MalformedRequest from None
    if release.release_id != wanted:
        raise MalformedRequest
    added = accept_release(services(), release)
    return json_answer({"release_id": release_id}, caching=UNSTORED, status=201 if added else 200)


@releases.get(LISTED)
@described(Operation({200: (Content(JSON, members(releases={"type": "array", "items": HEX_32})),)}))
def list_releases() -> Response:
    """The ids of all releases, the newest last."""
    with read(services().engine) as conn:
        ids = all_releases(conn)
    return json_answer({"releases": [one.hex() for one in ids]}, caching=REVALIDATED)


@releases.get("/client-releases/<release_id>/release.json")
@described(Operation({200: (Content(JSON, RELEASE),)}, (NotFound,)))
def release(release_id: str) -> Response:
    """A release as its issuers signed it."""
    with read(services().engine) as conn:
        return json_bytes(find_release(conn, _release_id(release_id)), caching=IMMUTABLE)


@releases.get(f"/client-releases/<release_id>/{PROOF}")
@described(Operation({200: (Content("text/plain", {"type": "string"}),)}, (NotFound,)))
def release_proof(release_id: str) -> Response:
    """That the release is in the catalogue (c2sp.org/tlog-proof@v1)."""
    with read(services().engine) as conn:
        encoded = find_release(conn, _release_id(release_id))
        proof = entry_proof(conn, leaf_hash(parse_release(encoded).leaf))
    if proof is None:
        raise NotFound
    return Response(proof, content_type=NOTE_TYPE, headers={"Cache-Control": IMMUTABLE})


def _release_id(text: str) -> bytes:
    try:
        return from_hex(text, size=32)
    except EncodingRefused:
        raise NotFound from None
