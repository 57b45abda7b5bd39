"""The authorization response: in the fragment of the redirect URI, with `iss` (RFC 9207)."""

from urllib.parse import urlencode

from flask import Response

from issuer.oauth import store
from issuer.oauth.server import web_client
from issuer.oauth.store import SignIn
from issuer.services import services


def granted(wanted: SignIn, code: str, polls: tuple[bytes, ...]) -> Response:
    """Send the browser back to the client with a code for these polls."""
    return _answer(wanted.state, {"code": code, "scope": store.write_scope(polls)})


def denied(wanted: SignIn, slug: str) -> Response:
    """Send the browser back with `access_denied` and the slug of docs/protocol.md section 10."""
    return failed(wanted.state, "access_denied", slug)


def failed(state: str, error: str, description: str) -> Response:
    """Send the browser back with an error (RFC 6749 section 4.1.2.1)."""
    return _answer(state, {"error": error, "error_description": description})


def _answer(state: str, parameters: dict[str, str]) -> Response:
    here = services()
    everything = parameters | {"iss": here.settings.url} | ({"state": state} if state else {})
    location = f"{web_client(here).redirect_uri}#{urlencode(everything)}"
    return Response(status=303, headers={"Location": location})
