"""The trust root (docs/protocol.md 2.3). That it is served also says that the issuer is ready."""

from flask import Blueprint, Response

from issuer.services import services
from shared.trust import PATH, TrustRoot
from shared.web.headers import allow_any_origin
from shared.web.openapi import JSON, Content, Operation, described

trust = Blueprint("trust", __name__)
trust.after_request(allow_any_origin)


@trust.get(PATH)
@described(Operation({200: (Content(JSON, TrustRoot),)}))
def trust_root() -> Response:
    """The bytes of trust.json."""
    body = services().trust.to_bytes()
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-cache"})
