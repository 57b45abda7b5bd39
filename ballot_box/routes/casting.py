"""Casting (docs/protocol.md 6.4 and 6.5)."""

from flask import Blueprint, Response, request

from ballot_box.casting import cast
from ballot_box.routes.answers import UNSTORED, json_answer, read_poll_id
from ballot_box.services import services
from shared.encoding import b64u
from shared.refusals import MediaTypeUnsupported
from shared.web.headers import allow_client

casting = Blueprint("casting", __name__)


@casting.post("/polls/<poll_id>/ballots")
def cast_ballot(poll_id: str) -> Response:
    """Take a ballot and promise its place in the log."""
    if request.mimetype != "application/octet-stream":
        raise MediaTypeUnsupported
    receipt = cast(services(), read_poll_id(poll_id), request.get_data())
    members = {"leaf_hash": receipt.leaf_hash.hex(), "poll_id": poll_id, "receipt": b64u(receipt.signature)}
    return json_answer(members, caching=UNSTORED)


@casting.after_request
def for_the_client(response: Response) -> Response:
    """Answers, refusals and preflights are for the client's origin alone."""
    return allow_client(response, services().settings.client, headers="Content-Type")
