"""Casting (docs/protocol.md 6.4 and 6.5)."""

from typing import Final, cast

from flask import Blueprint, Response, current_app

from ballot_box.casting import BallotDesk
from ballot_box.routes.answers import json_answer, read_poll_id
from ballot_box.routes.bodies import read_body
from ballot_box.services import services
from shared.ballot import MAX_BALLOT_SIZE
from shared.encoding import b64u
from shared.refusals import (
    AnswersInvalid,
    BallotAlreadyCast,
    BallotMalformed,
    BallotSignatureInvalid,
    BoxReadOnly,
    MediaTypeUnsupported,
    PollClosed,
    PollNotOpen,
    PollUnknown,
    StorageFull,
    TokenInvalid,
    TooLarge,
)
from shared.web.headers import UNSTORED, allow_client
from shared.web.openapi import B64U, BINARY, HEX_32, JSON, Content, Operation, described, members

DESK: Final = "veche-ballots"

RECEIPT: Final = members(leaf_hash=HEX_32, poll_id=HEX_32, receipt=B64U)
REFUSALS: Final = (
    PollUnknown,
    MediaTypeUnsupported,
    TooLarge,
    PollNotOpen,
    PollClosed,
    BallotMalformed,
    TokenInvalid,
    BallotSignatureInvalid,
    AnswersInvalid,
    BallotAlreadyCast,
    BoxReadOnly,
    StorageFull,
)

casting = Blueprint("casting", __name__)


@casting.post("/polls/<poll_id>/ballots")
@described(Operation({200: (Content(JSON, RECEIPT),)}, REFUSALS, Content("application/octet-stream", BINARY)))
def cast_ballot(poll_id: str) -> Response:
    """Take a ballot and promise its place in the log."""
    ballot = read_body("application/octet-stream", MAX_BALLOT_SIZE)
    desk = cast(BallotDesk, current_app.extensions[DESK])
    receipt = desk.cast(read_poll_id(poll_id), ballot)
    members = {"leaf_hash": receipt.leaf_hash.hex(), "poll_id": poll_id, "receipt": b64u(receipt.signature)}
    return json_answer(members, caching=UNSTORED)


@casting.after_request
def for_the_client(response: Response) -> Response:
    """Answers, refusals and preflights are for the client's origin alone."""
    return allow_client(response, services().settings.client, headers="Content-Type")
