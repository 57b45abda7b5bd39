"""Casting (docs/protocol.md 6.4 and 6.5)."""

from typing import Final, cast

from flask import Blueprint, Response, current_app

from ballot_box.casting import BallotDesk, Receipt
from ballot_box.routes.answers import json_bytes, read_poll_id
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
RULE: Final = "/polls/<poll_id>/ballots"
OCTETS: Final = "application/octet-stream"

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


@casting.post(RULE)
@described(Operation({200: (Content(JSON, RECEIPT),)}, REFUSALS, Content(OCTETS, BINARY)))
def cast_ballot(poll_id: str) -> Response:
    """Take a ballot and promise its place in the log."""
    ballot = read_body(OCTETS, MAX_BALLOT_SIZE)
    desk = cast(BallotDesk, current_app.extensions[DESK])
    receipt = desk.cast(read_poll_id(poll_id), ballot)
    return receipt_answer(receipt_body(poll_id, receipt))


def receipt_body(poll_id: str, receipt: Receipt) -> bytes:
    """The answer of section 6.5, canonical JSON."""
    leaf, signature = receipt.leaf_hash.hex(), b64u(receipt.signature)
    return f'{{"leaf_hash":"{leaf}","poll_id":"{poll_id}","receipt":"{signature}"}}'.encode()


def receipt_answer(body: bytes) -> Response:
    """The same as an answer that nobody stores."""
    return json_bytes(body, caching=UNSTORED)


@casting.after_request
def for_the_client(response: Response) -> Response:
    """Answers, refusals and preflights are for the client's origin alone."""
    return allow_client(response, services().settings.client, headers="Content-Type")
