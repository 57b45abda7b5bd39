"""The door for ballots: from the event loop straight to the desk (docs/adr/0017)."""

from flask import Flask

from ballot_box.casting import BallotDesk, Receipt
from ballot_box.routes.casting import DESK, OCTETS, RULE, for_the_client, receipt_answer, receipt_body
from shared.ballot import MAX_BALLOT_SIZE
from shared.web.bridge import Headers
from shared.web.door import Desk, Door


def door(app: Flask) -> Door[tuple[bytes, bytes], Receipt]:
    """The ASGI application of a ballot box around its Flask application."""
    ballots: BallotDesk = app.extensions[DESK]
    return Door(
        app,
        Desk(
            rule=RULE,
            media_type=OCTETS,
            largest=MAX_BALLOT_SIZE,
            read=_ballot,
            settle=ballots.cast_all,
            render=receipt_body,
            answer=receipt_answer,
            dress=for_the_client,
        ),
    )


def _ballot(poll_id: str, _headers: Headers, body: bytes) -> tuple[bytes, bytes]:
    return bytes.fromhex(poll_id), body
