"""What a client sends to v2/ac and v3/te: parsed once, and authenticated by its GOST signature."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final
from uuid import UUID

from werkzeug.datastructures import MultiDict

from issuer.esia import gost
from issuer.esia.errors import GostSignatureInvalid
from issuer.esia_stand.clients import SCOPES, Client
from issuer.esia_stand.refusals import EsiaRefusal

COMMON: Final = (
    "client_id", "client_certificate_hash", "client_secret", "redirect_uri", "scope", "state", "timestamp",
)  # fmt: skip
AUTHORIZE: Final = (*COMMON, "response_type", "access_type")
TOKEN: Final = (*COMMON, "grant_type", "code", "token_type")
CONFIRMED_ONLY: Final = base64.b64encode(b"conf_acc").decode()

_SECRET = re.compile(r"[A-Za-z0-9_-]{86}(==)?")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose signature over this request has been verified."""

    client: Client
    redirect_uri: str
    scope: str
    state: str


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """A request to v2/ac that passed."""

    caller: Caller
    confirmed_only: bool
    code_challenge: str | None


def read_once(parameters: MultiDict[str, str]) -> dict[str, str]:
    """Each parameter's only value; empty ones count as absent. Raises EsiaRefusal 007003 for a double one."""
    for name, values in parameters.lists():
        if len(values) != 1:
            raise EsiaRefusal("ESIA-007003", name)
    return {name: value for name, value in parameters.items() if value}


def find_client(clients: Mapping[str, Client], values: Mapping[str, str]) -> Client:
    """The client that the request names. Raises EsiaRefusal 007014, 007005."""
    client = clients.get(_required(values, "client_id"))
    if client is None:
        raise EsiaRefusal("ESIA-007005")
    return client


def check_redirect(client: Client, values: Mapping[str, str]) -> str:
    """The redirect URI. Raises EsiaRefusal 007014, 007023."""
    address = _required(values, "redirect_uri")
    if not client.allows_redirect(address):
        raise EsiaRefusal("ESIA-007023")
    return address


def sign_in_request(
    clients: Mapping[str, Client], client: Client, values: Mapping[str, str], now: datetime, window: timedelta
) -> SignInRequest:
    """Check all of v2/ac's parameters. Raises EsiaRefusal."""
    caller = authenticate(clients, client, values, AUTHORIZE, now, window)
    expect(values, "response_type", "code")
    expect(values, "access_type", "online")
    if values.get("person_filter", CONFIRMED_ONLY) != CONFIRMED_ONLY:
        raise EsiaRefusal("ESIA-007003", "person_filter")
    return SignInRequest(caller, "person_filter" in values, _code_challenge(values))


def authenticate(
    clients: Mapping[str, Client],
    client: Client,
    values: Mapping[str, str],
    mandatory: tuple[str, ...],
    now: datetime,
    window: timedelta,
) -> Caller:
    """Check what both requests have in common, signature last. Raises EsiaRefusal."""
    for name in mandatory:
        _required(values, name)
    redirect_uri = check_redirect(client, values)
    _check_state(values["state"])
    _check_scope(client, values["scope"])
    _check_timestamp(values["timestamp"], now, window)
    _check_certificate(clients, client, values["client_certificate_hash"])
    _check_signature(client, values)
    return Caller(client, redirect_uri, values["scope"], values["state"])


def _required(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise EsiaRefusal("ESIA-007014", name)
    return values[name]


def expect(values: Mapping[str, str], name: str, wanted: str) -> None:
    """Raise EsiaRefusal 007003 unless the parameter has this value."""
    if values[name] != wanted:
        raise EsiaRefusal("ESIA-007003", name)


def _check_state(state: str) -> None:
    try:
        same = str(UUID(state)) == state.lower()
    except ValueError:
        same = False
    if not same:
        raise EsiaRefusal("ESIA-007003", "state")


def _check_scope(client: Client, scope: str) -> None:
    names = scope.split(" ")
    if len(set(names)) != len(names) or not SCOPES.issuperset(names):
        raise EsiaRefusal("ESIA-007006")
    if not client.scopes.issuperset(names):
        raise EsiaRefusal("ESIA-007019")


def _check_timestamp(timestamp: str, now: datetime, window: timedelta) -> None:
    try:
        moment = datetime.strptime(timestamp, "%Y.%m.%d %H:%M:%S %z")
    except ValueError:
        raise EsiaRefusal("ESIA-007015") from None
    if moment.strftime("%Y.%m.%d %H:%M:%S %z") != timestamp or abs(moment - now) > window:
        raise EsiaRefusal("ESIA-007015")


def _check_certificate(clients: Mapping[str, Client], client: Client, given: str) -> None:
    if given == client.certificate_hash:
        return
    others = {other.certificate_hash for other in clients.values()}
    raise EsiaRefusal("ESIA-007002" if given in others else "ESIA-007053")


def _check_signature(client: Client, values: Mapping[str, str]) -> None:
    """The raw signature, base64url with or without padding, over the joined values, scope_org included."""
    names = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
    message = "".join(values.get(name, "") for name in names).encode()
    secret = values["client_secret"]
    if not _SECRET.fullmatch(secret):
        raise EsiaRefusal("ESIA-007053")
    try:
        gost.verify(client.key, message, base64.urlsafe_b64decode(secret[:86] + "=="))
    except (GostSignatureInvalid, binascii.Error):
        raise EsiaRefusal("ESIA-007053") from None


def _code_challenge(values: Mapping[str, str]) -> str | None:
    challenge = values.get("code_challenge")
    if challenge is None:
        return None
    if values.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise EsiaRefusal("ESIA-007003", "code_challenge")
    return challenge


def same(first: str, second: str) -> bool:
    """Compare secrets in constant time."""
    return compare_digest(first.encode(), second.encode())
