"""Publication by issuers (docs/protocol.md 3.6)."""

from typing import Annotated, Final

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ballot_box.manifests import accept, give_log
from ballot_box.opening import accept_opening
from ballot_box.routes.answers import json_answer, read_poll_id
from ballot_box.routes.bodies import read_body
from ballot_box.services import services
from ballot_box.statements import accept_statement
from shared.encoding import EncodingRefused, b64u, from_b64u, from_hex, parse_json
from shared.publication import ManifestSignature
from shared.refusals import (
    BoxReadOnly,
    IssuerUnknown,
    MalformedRequest,
    ManifestRefused,
    MediaTypeUnsupported,
    NotFound,
    OpeningRefused,
    OpeningTooEarly,
    PollClosed,
    PollNotOpen,
    PollUnknown,
    StorageFull,
    TooLarge,
)
from shared.sealing import FORMAT, MAX_OPENING_SIZE, OpeningInvalid, parse_opening
from shared.statements import Kind, StatementInvalid, parse_statement
from shared.web.headers import UNSTORED
from shared.web.openapi import B64U, HEX_32, JSON, STATEMENT, Content, Operation, described, members

MAX_PUBLICATION_SIZE: Final = 131_072
"""A manifest of 60,000 bytes in base64url, with the signatures of 16 issuers, and white space."""

publication = Blueprint("publication", __name__)


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class LogRequest(_Body):
    """Step 2: `request` in hex (32 bytes), `signature` in b64u (64 bytes)."""

    request: str
    issuer: str
    signature: str


class SignatureMember(_Body):
    """One issuer's signature, b64u (64 bytes)."""

    issuer: Annotated[int, Field(ge=0)]
    signature: str


class Publication(_Body):
    """Step 3: the manifest's bytes in b64u, and its signatures."""

    manifest: str
    signatures: list[SignatureMember]


OFFER: Final = members(
    log_key={"type": "string"},
    log_url={"type": "string"},
    sealing_key=B64U,
    statement_key=B64U,
    url={"type": "string"},
)
OPENING: Final = members(format={"const": FORMAT}, poll_id=HEX_32, private_key=B64U)
KNOWN: Final = Content(JSON, members(poll_id=HEX_32))
REFUSALS: Final = (
    MalformedRequest,
    MediaTypeUnsupported,
    TooLarge,
    IssuerUnknown,
    BoxReadOnly,
    StorageFull,
)


@publication.post("/logs")
@described(Operation({200: (Content(JSON, OFFER),)}, REFUSALS, Content(JSON, LogRequest)))
def new_log() -> Response:
    """Give a log for a poll to come."""
    try:
        body = LogRequest.model_validate(_json_body())
        wanted, signature = from_hex(body.request, size=32), from_b64u(body.signature, size=64)
    except (EncodingRefused, ValidationError):
        raise MalformedRequest from None
    box = services()
    offer = give_log(box, body.issuer, wanted, signature)
    key = b64u(box.state.statement_key())
    members = {
        "log_key": offer.log_key,
        "log_url": offer.log_url,
        "sealing_key": b64u(offer.sealing_key),
    }
    return json_answer({**members, "statement_key": key, "url": box.settings.url}, caching=UNSTORED)


@publication.put("/polls/<poll_id>")
@described(
    Operation(
        {200: (KNOWN,), 201: (KNOWN,)}, (*REFUSALS, PollUnknown, ManifestRefused), Content(JSON, Publication)
    )
)
def publish_poll(poll_id: str) -> Response:
    """Accept a signed manifest: 201, or 200 when it was there."""
    poll = read_poll_id(poll_id)
    try:
        body = Publication.model_validate(_json_body())
        manifest = from_b64u(body.manifest)
        signatures = [ManifestSignature(s.issuer, from_b64u(s.signature, size=64)) for s in body.signatures]
    except (EncodingRefused, ValidationError):
        raise MalformedRequest from None
    added = accept(services(), poll, manifest, signatures)
    return json_answer({"poll_id": poll_id}, caching=UNSTORED, status=201 if added else 200)


@publication.put("/polls/<poll_id>/<any(cancellation, decision):kind>")
@described(
    Operation(
        {200: (KNOWN,), 201: (KNOWN,)},
        (*REFUSALS, NotFound, PollUnknown, ManifestRefused, PollClosed, PollNotOpen),
        Content(JSON, STATEMENT),
    )
)
def publish_statement(poll_id: str, kind: Kind) -> Response:
    """Accept a cancellation or a decision: 201, or 200 when it was there."""
    poll = read_poll_id(poll_id)
    try:
        statement = parse_statement(kind, read_body("application/json", MAX_PUBLICATION_SIZE))
    except StatementInvalid:
        raise MalformedRequest from None
    if statement.poll_id != poll:
        raise MalformedRequest
    added = accept_statement(services(), statement)
    return json_answer({"poll_id": poll_id}, caching=UNSTORED, status=201 if added else 200)


@publication.put("/polls/<poll_id>/opening")
@described(
    Operation(
        {200: (KNOWN,), 201: (KNOWN,)},
        (
            MalformedRequest,
            MediaTypeUnsupported,
            TooLarge,
            PollUnknown,
            OpeningRefused,
            OpeningTooEarly,
            BoxReadOnly,
            StorageFull,
        ),
        Content(JSON, OPENING),
    )
)
def publish_opening(poll_id: str) -> Response:
    """Accept the key of a sealed poll, from anybody: 201, or 200 when it was there."""
    poll = read_poll_id(poll_id)
    try:
        opening = parse_opening(read_body("application/json", MAX_OPENING_SIZE))
    except OpeningInvalid:
        raise MalformedRequest from None
    if opening.poll_id != poll:
        raise MalformedRequest
    added = accept_opening(services(), opening)
    return json_answer({"poll_id": poll_id}, caching=UNSTORED, status=201 if added else 200)


def _json_body() -> object:
    return parse_json(read_body("application/json", MAX_PUBLICATION_SIZE))
