"""The JWTs of a sign-in, with the claims as ESIA writes them, its departures from OpenID Connect included."""

from datetime import datetime, timedelta
from typing import Any, Final

from issuer.esia_stand.keys import StandKeys
from issuer.esia_stand.residents import Resident
from issuer.esia_stand.sessions import CODE_LIFE, TOKEN_LIFE, SignIn
from issuer.esia_stand.settings import StandSettings

ID_TOKEN_LIFE: Final = timedelta(seconds=10_800)


def code(settings: StandSettings, keys: StandKeys, sign_in: SignIn, *, address: str, agent: str) -> str:
    """The authorization code, a JWT of 240 seconds."""
    caller = sign_in.request.caller
    claims = _times(settings, sign_in.at, CODE_LIFE) | {
        "scope": caller.scope,
        "auth_time": _seconds(sign_in.at),
        "urn:esia:sid": sign_in.session,
        "urn:esia:client:state": caller.state,
        "auth_mthd": "PWD",
        "urn:esia:sbj": _subject(sign_in.resident),
        "params": {"remote_ip": address, "user_agent": agent},
        "client_id": caller.client.id,
    }
    return keys.jwt(settings.algorithm, kind="authorization_code", version=1, claims=claims)


def access_token(settings: StandSettings, keys: StandKeys, sign_in: SignIn, now: datetime) -> str:
    """The access token: every scope but openid carries the account's number; no audience."""
    caller, oid = sign_in.request.caller, sign_in.resident.oid
    scope = " ".join(name if name == "openid" else f"{name}?oid={oid}" for name in caller.scope.split(" "))
    claims = _times(settings, now, TOKEN_LIFE) | {
        "scope": scope,
        "urn:esia:sid": sign_in.session,
        "urn:esia:sbj_id": oid,
        "client_id": caller.client.id,
    }
    return keys.jwt(settings.algorithm, kind="access", version=1, claims=claims)


def id_token(settings: StandSettings, keys: StandKeys, sign_in: SignIn, now: datetime) -> str:
    """The id token: a number as subject, a string as `amr`, no nonce."""
    claims = _times(settings, now, ID_TOKEN_LIFE) | {
        "aud": sign_in.request.caller.client.id,
        "sub": sign_in.resident.oid,
        "amr": "PWD",
        "urn:esia:amd": "PWD",
        "auth_time": _seconds(sign_in.at),
        "urn:esia:sid": sign_in.session,
        "urn:esia:sbj": _subject(sign_in.resident),
    }
    return keys.jwt(settings.algorithm, kind="id", version=0, claims=claims)


def _subject(resident: Resident) -> dict[str, Any]:
    subject = {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:oid": resident.oid,
        "urn:esia:sbj:nam": f"OID.{resident.oid}",
        "urn:esia:sbj:lvl": "PR" if resident.trusted else "P",
    }
    return subject | ({"urn:esia:sbj:is_tru": True} if resident.trusted else {})


def _times(settings: StandSettings, now: datetime, life: timedelta) -> dict[str, Any]:
    seconds = _seconds(now)
    return {
        "nbf": seconds,
        "iat": seconds,
        "exp": seconds + int(life.total_seconds()),
        "iss": f"http://{settings.url.partition('://')[2]}/",
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
