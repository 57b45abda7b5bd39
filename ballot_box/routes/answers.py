"""Forms of answers and path parts that several subjects share."""

from typing import Any

from flask import Response, request

from shared.encoding import EncodingRefused, canonical_json, from_hex
from shared.manifest import Language
from shared.refusals import PollUnknown
from shared.web.problems import preferred_language


def json_answer(value: Any, *, caching: str, status: int = 200) -> Response:
    """A value as canonical JSON."""
    return json_bytes(canonical_json(value), caching=caching, status=status)


def json_bytes(data: bytes, *, caching: str, status: int = 200) -> Response:
    """JSON as it was signed or stored."""
    return Response(data, status, content_type="application/json", headers={"Cache-Control": caching})


def asked_language() -> Language:
    """The language of the query, else that of the browser: Russian unless English is asked for."""
    wanted = request.args.get("lang")
    return "en" if wanted == "en" else "ru" if wanted == "ru" else preferred_language()


def read_poll_id(text: str) -> bytes:
    """A poll id from a path. Raises PollUnknown."""
    try:
        return from_hex(text, size=32)
    except EncodingRefused:
        raise PollUnknown from None
