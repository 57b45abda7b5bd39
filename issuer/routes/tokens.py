"""The token endpoint and the public count of issuances (docs/protocol.md 5.3)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from issuer import store
from issuer.issuance import IssuedToken, TokenRequest
from issuer.keys import VoterPseudonym
from issuer.oauth.bearer import authorized_pseudonyms, bearer_token
from issuer.polls import known_poll
from issuer.services import Services, services
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
    Refusal,
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

RULE: Final = "/polls/<poll_id>/token"

tokens = Blueprint("tokens", __name__)
issuance_count = Blueprint("issuance_count", __name__)
issuance_count.after_request(allow_any_origin)


class TokenBody(BaseModel):
    """The body of a token request."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    blinded_message: Annotated[str, Field(max_length=1024)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a token as it came: `authorization` is its header."""

    poll_id: bytes
    authorization: str = field(repr=False)
    blinded_message: bytes = field(repr=False)


@tokens.post(RULE)
@described(Operation({200: (Content(JSON, TOKEN),)}, REFUSALS, Content(JSON, TokenBody), bearer=True))
def give_token(poll_id: str) -> Response:
    """Have a blinded message signed."""
    poll = read_poll_id(poll_id)
    if request.mimetype != JSON:
        raise MediaTypeUnsupported
    authorization = request.headers.get("Authorization", "")
    (outcome,) = give_tokens(services(), [Asked(poll, authorization, blinded_message(request.get_data()))])
    if isinstance(outcome, Refusal):
        raise outcome
    return json_answer(token_body(outcome))


def give_tokens(here: Services, asked: Sequence[Asked]) -> list[IssuedToken | Refusal]:
    """The outcome of each request, in their order."""
    here.desk.forget_closed()
    bearers = [(bearer_token(one.authorization), one.poll_id) for one in asked]
    with read(here.engine) as conn:
        polls = {one.poll_id for one in asked}
        unknown = {poll: PollUnknown() for poll in polls if store.find_poll(conn, poll) is None}
        holders = authorized_pseudonyms(conn, bearers, here.clock())
    checked = [
        unknown.get(one.poll_id) or (holder if isinstance(holder, Refusal) else _request_of(one, holder))
        for one, holder in zip(asked, holders, strict=True)
    ]
    issued = iter(here.desk.issue_all([one for one in checked if isinstance(one, TokenRequest)]))
    return [next(issued) if isinstance(one, TokenRequest) else one for one in checked]


def _request_of(asked: Asked, pseudonym: VoterPseudonym) -> TokenRequest:
    nonce = secrets.token_bytes(NONCE_SIZE)
    return TokenRequest(asked.poll_id, pseudonym, asked.blinded_message, nonce)


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


def blinded_message(body: bytes) -> bytes:
    """The blinded message of a request's body. Raises MalformedRequest, BlindedMessageInvalid."""
    try:
        parsed = TokenBody.model_validate(parse_json(body))
    except (EncodingRefused, ValidationError):
        raise MalformedRequest from None
    try:
        return from_b64u(parsed.blinded_message)
    except EncodingRefused:
        raise BlindedMessageInvalid from None


def token_body(issued: IssuedToken) -> bytes:
    """The answer of docs/protocol.md 5.3, canonical JSON."""
    signature, nonce, promise = map(b64u, (issued.blind_signature, issued.nonce, issued.promise))
    pseudonym = b64u(issued.pseudonym)
    return (
        f'{{"blind_signature":"{signature}","nonce":"{nonce}",'
        f'"promise":"{promise}","pseudonym":"{pseudonym}"}}'
    ).encode()


def json_answer(body: bytes) -> Response:
    """The same as an answer."""
    return Response(body, content_type=JSON)
