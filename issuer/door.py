"""The door for requests of tokens: from the event loop straight to the desk (docs/adr/0017)."""

from functools import partial

from flask import Flask

from issuer.app import MAX_BODY_SIZE
from issuer.issuance import IssuedToken
from issuer.routes.tokens import (
    RULE,
    Asked,
    blinded_message,
    for_the_client,
    give_tokens,
    json_answer,
    token_body,
)
from issuer.services import EXTENSION
from shared.web.bridge import Headers
from shared.web.door import Desk, Door
from shared.web.openapi import JSON


def door(app: Flask) -> Door[Asked, IssuedToken]:
    """The ASGI application of an issuer around its Flask application."""
    return Door(
        app,
        Desk(
            rule=RULE,
            media_type=JSON,
            largest=MAX_BODY_SIZE,
            read=_asked,
            settle=partial(give_tokens, app.extensions[EXTENSION]),
            render=lambda _poll_id, issued: token_body(issued),
            answer=json_answer,
            dress=for_the_client,
        ),
    )


def _asked(poll_id: str, headers: Headers, body: bytes) -> Asked:
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    return Asked(bytes.fromhex(poll_id), authorization, blinded_message(body))
