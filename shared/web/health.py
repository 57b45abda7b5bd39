"""Is the process alive, and may it be given work: for proxies, orchestrators and people who watch."""

from collections.abc import Callable, Iterable
from typing import Final

from flask import Blueprint, Flask, Response, current_app

from shared.encoding import canonical_json
from shared.refusals import Refusal
from shared.web.openapi import JSON, Content, Operation, described, members

EXTENSION: Final = "veche-health"
Reasons = Callable[[], Iterable[type[Refusal]]]
"""Why a service should not be given work now: the refusals it would answer with; none when it is ready."""

READY: Final = members(ready={"type": "boolean"}, reasons={"type": "array", "items": {"type": "string"}})

health = Blueprint("health", __name__)


def register_health(app: Flask, reasons: Reasons) -> None:
    """Add `/health/live` and `/health/ready` to an app."""
    app.extensions[EXTENSION] = reasons
    app.register_blueprint(health)


@health.get("/health/live")
@described(Operation({200: (Content(JSON, members(live={"const": True})),)}))
def live() -> Response:
    """The process answers. It says nothing of what it stands on."""
    return _answer({"live": True}, 200)


@health.get("/health/ready")
@described(Operation({200: (Content(JSON, READY),), 503: (Content(JSON, READY),)}))
def ready() -> Response:
    """Whether requests may come, and if not, why: slugs of docs/protocol.md 10."""
    reasons = sorted({kind.slug for kind in current_app.extensions[EXTENSION]()})
    return _answer({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


def _answer(body: dict[str, object], status: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(canonical_json(body), status, content_type=JSON, headers=headers)
