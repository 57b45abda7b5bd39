"""Security and CORS headers that both services send."""

from typing import Final

from flask import Flask, Response

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""On every answer. The Content-Security-Policy is each service's own."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATED: Final = "no-cache"
UNSTORED: Final = "no-store"
"""Values of Cache-Control."""

NO_CONTENT_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of answers that are data."""

_DEFAULTS: Final = (*SECURITY_HEADERS.items(), ("Content-Security-Policy", NO_CONTENT_POLICY))


def register_headers(app: Flask) -> None:
    """Add the security headers, and the data policy where a view set none, to every answer."""
    app.after_request(_secured)


def allow_any_origin(response: Response) -> Response:
    """Public data: any page may read it, without credentials."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def allow_client(response: Response, client: str, *, headers: str) -> Response:
    """Let the client's origin, and no other, post with these request headers."""
    response.headers["Access-Control-Allow-Origin"] = client
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = "600"
    response.vary.add("Origin")
    return response


def _secured(response: Response) -> Response:
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend((name, value) for name, value in _DEFAULTS if name.lower() not in there)
    return response
