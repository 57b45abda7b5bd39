"""The authorization server: Authlib checks requests, PKCE and codes.

Our own is what it lacks: `response_mode=fragment` with `iss` in the fragment (issuer.oauth.answer; Authlib's
IssuerParameter writes to the query), and codes that are used once by one statement of the database.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskAuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from issuer.oauth import store
from issuer.oauth.parameters import CheckedRequest, checked_request
from issuer.services import Services, services
from shared.db import read, write

MAX_POLLS: Final = 20
"""In one scope: what fits into a URL everywhere."""

_SCOPE = re.compile(r"poll:[0-9a-f]{64}( poll:[0-9a-f]{64})*")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class WebClient(ClientMixin):
    """The one client: public, of the installation's own origin."""

    origin: str
    redirect_uri: str

    def get_client_id(self) -> str:
        """Its origin."""
        return self.origin

    def get_default_redirect_uri(self) -> None:
        """None: it must be named."""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """By exact comparison (RFC 9700 section 2.1)."""
        return redirect_uri == self.redirect_uri

    def check_response_type(self, response_type: str) -> bool:
        """Codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes only; no refresh tokens."""
        return grant_type == "authorization_code"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A public client has no secret."""
        return method == "none" and endpoint == "token"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """A list of polls, none twice; None refuses."""
        if scope is None or not _SCOPE.fullmatch(scope):
            return None
        names = scope.split(" ")
        return scope if len(set(names)) == len(names) <= MAX_POLLS else None


@dataclass(frozen=True)
class IssuedCode:
    """An unused code, as Authlib asks about it."""

    grant: store.Grant
    code_challenge_method: str = "S256"

    @cached_property
    def code_challenge(self) -> str:
        """Of the authorization request."""
        return self.grant.code_challenge

    def get_redirect_uri(self) -> str:
        """There is one only."""
        return web_client(services()).redirect_uri

    def get_scope(self) -> str:
        """The polls that were granted."""
        return store.write_scope(self.grant.polls)


class CodeGrant(AuthorizationCodeGrant):
    """The authorization code grant of a public client."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def query_authorization_code(self, code: str, _client: WebClient) -> IssuedCode | None:
        """An unused code. A used one ends the grant that it led to (RFC 6749 section 4.1.2)."""
        with read(services().engine) as conn:
            found = store.find_grant(conn, code, services().clock())
        if found is None:
            return None
        if found.used:
            _revoke(found.code)
            return None
        return IssuedCode(found)

    def authenticate_user(self, authorization_code: IssuedCode) -> store.Grant:
        """Nobody: the grant knows pseudonyms alone."""
        return authorization_code.grant

    def delete_authorization_code(self, authorization_code: IssuedCode) -> None:
        """Nothing: a used code stays known until its grant expires, so that a second use is noticed."""


class S256(CodeChallenge):
    """PKCE (RFC 7636), required, with S256 and no other method; and the one response mode."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, _redirect_uri: str) -> None:
        """Check the authorization request. Raises InvalidRequestError."""
        values = grant.request.payload.data
        if values.get("response_mode") != "fragment":
            raise InvalidRequestError("response_mode must be fragment")
        if values.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        if not _CHALLENGE.fullmatch(values.get("code_challenge", "")):
            raise InvalidRequestError("code_challenge must be 43 characters of base64url")


class AuthorizationServer(FlaskAuthorizationServer):
    """Authlib's server on our parameters."""

    def create_oauth2_request(self, _request: object) -> CheckedRequest:
        """The current request. Raises MalformedRequest."""
        return checked_request()

    def query_client(self, client_id: str) -> WebClient | None:
        """The client, if it is that one."""
        client = web_client(services())
        return client if client.origin == client_id else None

    def generate_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        """An opaque access token (RFC 6749 section 5.1)."""
        return {
            "access_token": secrets.token_urlsafe(32),
            "expires_in": services().settings.grant_ttl,
            "scope": scope,
            "token_type": "Bearer",
        }

    def save_token(self, token: dict[str, Any], request: CheckedRequest) -> None:
        """Use the code. Raises InvalidGrantError when another request was faster."""
        here = services()
        expires_at = here.clock() + timedelta(seconds=here.settings.grant_ttl)
        with write(here.engine) as conn:
            used = store.use_code(conn, request.user.code, token["access_token"], expires_at)
        if not used:
            _revoke(request.user.code)
            raise InvalidGrantError("Invalid 'code' in request.")


def web_client(here: Services) -> WebClient:
    """The client of this installation; its redirect URI names our place in the trust root."""
    urls = [issuer.url for issuer in here.trust.issuers]
    redirect_uri = f"{here.settings.client}/?issuer={urls.index(here.settings.url)}"
    return WebClient(here.settings.client, redirect_uri)


def _revoke(code: bytes) -> None:
    with write(services().engine) as conn:
        store.revoke(conn, code)


server: Final = AuthorizationServer()
server.register_grant(CodeGrant, [S256(required=True)])
