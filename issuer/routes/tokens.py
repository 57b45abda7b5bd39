"""The token endpoint and the public count of issuances (docs/protocol.md 5.3)."""

import secrets
from typing import Annotated, Final

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from issuer import store
from issuer.issuance import IssuedToken
from issuer.oauth.bearer import authorized_pseudonym
from issuer.polls import known_poll
from issuer.services import services
from shared.db import read
from shared.encoding import EncodingRefused, b64u, canonical_json, from_b64u, from_hex, parse_json
from shared.refusals import (
    BlindedMessageInvalid,
    MalformedRequest,
    MediaTypeUnsupported,
    NotAuthorized,
    PollClosed,
    PollNotGranted,
    PollNotOpen,
    PollUnknown,
    TokenAlreadyIssued,
    TooLarge,
)
from shared.web.headers import allow_any_origin, allow_client
from shared.web.openapi import B64U, COUNT, HEX_32, JSON, Content, Operation, described, members

NONCE_SIZE = 32

TOKEN: Final = members(blind_signature=B64U, nonce=B64U, promise=B64U, pseudonym=B64U)
REFUSALS: Final = (
    MalformedRequest,
    MediaTypeUnsupported,
    TooLarge,
    NotAuthorized,
    PollNotGranted,
    PollUnknown,
    PollNotOpen,
    PollClosed,
    TokenAlreadyIssued,
    BlindedMessageInvalid,
)

tokens = Blueprint("tokens", __name__)
issuance_count = Blueprint("issuance_count", __name__)
issuance_count.after_request(allow_any_origin)


class TokenRequest(BaseModel):
    """The body of a token request."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    blinded_message: Annotated[str, Field(max_length=1024)]


@tokens.post("/polls/<poll_id>/token")
@described(Operation({200: (Content(JSON, TOKEN),)}, REFUSALS, Content(JSON, TokenRequest), bearer=True))
def give_token(poll_id: str) -> Response:
    """Have a blinded message signed."""
    desk, poll, blinded = services().desk, read_poll_id(poll_id), _blinded_message()
    with read(desk.engine) as conn:
        known_poll(conn, poll)
        pseudonym = authorized_pseudonym(conn, _access_token(), poll, desk.clock())
    return _rendered(desk.issue(poll, pseudonym, blinded, nonce=secrets.token_bytes(NONCE_SIZE)))


@tokens.after_request
def for_the_client(response: Response) -> Response:
    """Answers, refusals and preflights are for the client's origin alone and never stored."""
    response.headers["Cache-Control"] = "no-store"
    return allow_client(response, services().settings.client, headers="Authorization, Content-Type")


@issuance_count.get("/polls/<poll_id>/issuance")
@described(Operation({200: (Content(JSON, members(issued=COUNT, poll_id=HEX_32)),)}, (PollUnknown,)))
def count(poll_id: str) -> Response:
    """How many tokens of a poll were given."""
    poll = read_poll_id(poll_id)
    with read(services().engine) as conn:
        known_poll(conn, poll)
        issued = store.count_issuances(conn, poll)
    body = canonical_json({"issued": issued, "poll_id": poll_id})
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-cache"})


def read_poll_id(text: str) -> bytes:
    """A poll id from a path. Raises PollUnknown."""
    try:
        return from_hex(text, size=32)
    except EncodingRefused:
        raise PollUnknown from None


def _blinded_message() -> bytes:
    if request.mimetype != "application/json":
        raise MediaTypeUnsupported
    try:
        body = TokenRequest.model_validate(parse_json(request.get_data()))
    except (EncodingRefused, ValidationError):
        raise MalformedRequest from None
    try:
        return from_b64u(body.blinded_message)
    except EncodingRefused:
        raise BlindedMessageInvalid from None


def _access_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorized
    return token


def _rendered(issued: IssuedToken) -> Response:
    body = canonical_json(
        {
            "blind_signature": b64u(issued.blind_signature),
            "nonce": b64u(issued.nonce),
            "promise": b64u(issued.promise),
            "pseudonym": b64u(issued.pseudonym),
        }
    )
    return Response(body, content_type="application/json")
