"""v3/te: a code for tokens."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from issuer.esia_stand import mint
from issuer.esia_stand.refusals import EsiaRefusal
from issuer.esia_stand.requests import TOKEN, Caller, authenticate, expect, find_client, read_once, same
from issuer.esia_stand.sessions import TOKEN_LIFE, Access, SignIn
from issuer.esia_stand.stand import stand
from shared.encoding import b64u

tokens = Blueprint("tokens", __name__)


@tokens.post("/aas/oauth2/v3/te")
def exchange() -> ResponseReturnValue:
    """Take the code of this client, once, and give tokens. A body that is not a form has no parameters."""
    try:
        values = read_once(request.form)
        caller = _authenticated(values)
        return _tokens(caller, _take(caller, values))
    except EsiaRefusal as refusal:
        answer = {"error": refusal.error, "error_description": refusal.description}
        state = request.form.get("state")
        return (answer | {"state": state} if state else answer), 400


def _authenticated(values: Mapping[str, str]) -> Caller:
    here = stand()
    client = find_client(here.clients, values)
    window = timedelta(seconds=here.settings.timestamp_window)
    if values.get("grant_type", "authorization_code") != "authorization_code":
        raise EsiaRefusal("ESIA-007009")
    caller = authenticate(here.clients, client, values, TOKEN, here.clock(), window)
    expect(values, "token_type", "Bearer")
    return caller


def _take(caller: Caller, values: Mapping[str, str]) -> SignIn:
    sign_in = stand().sessions.codes.take(values["code"], stand().clock())
    if sign_in is None:
        raise EsiaRefusal("ESIA-007011")
    asked = sign_in.request.caller
    if (asked.client.id, asked.redirect_uri) != (caller.client.id, caller.redirect_uri):
        raise EsiaRefusal("ESIA-007011")
    if asked.scope != caller.scope:
        raise EsiaRefusal("ESIA-007006")
    _check_verifier(sign_in.request.code_challenge, values.get("code_verifier"))
    return sign_in


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """PKCE S256 (RFC 7636 section 4.6)."""
    if challenge is None and verifier is None:
        return
    if challenge is None:
        raise EsiaRefusal("ESIA-007039")
    if verifier is None or not same(b64u(hashlib.sha256(verifier.encode()).digest()), challenge):
        raise EsiaRefusal("ESIA-007040")


def _tokens(caller: Caller, sign_in: SignIn) -> dict[str, Any]:
    here, now, scopes = stand(), stand().clock(), frozenset(caller.scope.split(" "))
    access = mint.access_token(here.settings, here.keys, sign_in, now)
    here.sessions.tokens.put(access, Access(sign_in.resident, scopes), now)
    answer = {
        "state": caller.state,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "access_token": access,
    }
    if "openid" in scopes:
        answer["id_token"] = mint.id_token(here.settings, here.keys, sign_in, now)
    return answer
