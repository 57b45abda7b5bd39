"""Security and CORS headers that both services send."""

from collections.abc import Mapping
from typing import Final

from flask import Flask, Response, current_app

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer. The Content-Security-Policy is each service's own.

No other site may embed an answer of ours; one that is allowed to read public data does so by CORS.
"""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATED: Final = "no-cache"
UNSTORED: Final = "no-store"
"""Values of Cache-Control."""

EXTENSION: Final = "veche-headers"
STRICT_TRANSPORT: Final = "max-age=31536000"
"""A year of HTTPS alone (RFC 6797), said by services whose address is HTTPS."""

NO_CONTENT_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of answers that are data."""


def register_headers(app: Flask, url: str) -> None:
    """Add the security headers, and the data policy where a view set none, to every answer.

    `url` is the service's own.
    """
    defaults = {**SECURITY_HEADERS, "Content-Security-Policy": NO_CONTENT_POLICY}
    if url.startswith("https://"):
        defaults["Strict-Transport-Security"] = STRICT_TRANSPORT
    app.extensions[EXTENSION] = defaults
    app.after_request(secured)


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


def secured(response: Response) -> Response:
    """Add the headers of `register_headers` to an answer of the current application."""
    defaults: Mapping[str, str] = current_app.extensions[EXTENSION]
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend((name, value) for name, value in defaults.items() if name.lower() not in there)
    return response
