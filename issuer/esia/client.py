"""The relying party's side of a sign-in: v2/ac, v3/te, and the person's data by REST.

Nothing that names a person leaves through logs or errors: exceptions carry codes and field names, no cause.
"""

import base64
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx

from issuer.esia.errors import BUSY, EsiaAnswerInvalid, EsiaTokenInvalid, EsiaUnavailable, refusal
from issuer.esia.gost_asn1 import certificate_hash
from issuer.esia.person import Person, parse_person
from issuer.esia.signer import SignRaw
from issuer.esia.tokens import Verification, VerificationKey, verify_access_token, verify_id_token
from shared.clock import Clock, system_clock
from shared.encoding import EncodingRefused, b64u, parse_json
from shared.tls import machine_trust

SCOPES: Final = ("openid", "birthdate", "snils", "addresses")
"""What a decision needs. The name is not asked for."""
PERSON_FILTER: Final = base64.b64encode(b"conf_acc").decode()
MAX_ANSWER_SIZE: Final = 262_144
TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)

_AUTHORIZE: Final = "/aas/oauth2/v2/ac"
_TOKEN: Final = "/aas/oauth2/v3/te"  # noqa: S105
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, repr=False)
class EsiaSettings:
    """Our registration at ESIA. `base_url` has no trailing slash; `certificate` is DER."""

    base_url: str
    client_id: str
    redirect_uri: str
    certificate: bytes
    sign: SignRaw
    verification_keys: tuple[VerificationKey, ...]
    scopes: tuple[str, ...] = SCOPES
    confirmed_only: bool = True
    """Ask ESIA itself to turn unconfirmed accounts away (ESIA-007055)."""
    verified_marks: frozenset[str] = frozenset()
    """Values of `vrfDdt` that count as a verified address; see `issuer.esia.person.parse_person`."""

    @property
    def issuer(self) -> str:
        """What ESIA writes as `iss`: its address with http and a trailing slash, whatever the real scheme."""
        return f"http://{self.base_url.partition('://')[2]}/"


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """A finished sign-in, both tokens verified."""

    access_token: str
    oid: int
    confirmed: bool
    """By the id token; the REST answer is the second sign."""


@dataclass(frozen=True, slots=True)
class EsiaClient:
    """ESIA for one installation. Threads may share it. `transport` comes from `esia_transport`."""

    settings: EsiaSettings
    transport: httpx.BaseTransport
    clock: Clock = field(default=system_clock)

    def authorization_url(self, state: UUID, code_verifier: str) -> str:
        """Where to send the browser. ESIA answers at the redirect URI with `code` and `state`, or `error`.

        Raises SignerFailed.
        """
        challenge = b64u(hashlib.sha256(code_verifier.encode("ascii")).digest())
        query = self._signed(str(state)) | {
            "response_type": "code",
            "access_type": "online",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self.settings.confirmed_only:
            query["person_filter"] = PERSON_FILTER
        return f"{self.settings.base_url}{_AUTHORIZE}?{urlencode(query)}"

    def exchange(self, code: str, code_verifier: str) -> Tokens:
        """Exchange the code of a callback, once.

        Raises EsiaRefused (ESIA-007011: the code is used, old or another's), EsiaUnavailable, SignerFailed,
        EsiaAnswerInvalid, EsiaTokenInvalid.
        """
        state = str(uuid4())
        form = self._signed(state, code) | {
            "code": code,
            "grant_type": "authorization_code",
            "token_type": "Bearer",
            "code_verifier": code_verifier,
        }
        answer = self._ask("POST", _TOKEN, data=form)
        if answer.get("state") != state:
            raise EsiaAnswerInvalid("state of another request")
        access, identity = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access, str) or not isinstance(identity, str):
            raise EsiaAnswerInvalid("tokens")
        return self._verified(access, identity)

    def person(self, tokens: Tokens) -> Person:
        """Read the person and their addresses, in one request where ESIA answers it whole.

        Raises EsiaRefused, EsiaUnavailable, EsiaAnswerInvalid.
        """
        base, authorization = f"/rs/prns/{tokens.oid}", {"Authorization": f"Bearer {tokens.access_token}"}
        person = self._ask("GET", f"{base}?embed=(addresses.elements)", headers=authorization)
        addresses = person.get("addresses")
        if addresses is None:
            addresses = self._ask("GET", f"{base}/addrs?embed=(elements)", headers=authorization)
        return parse_person(
            tokens.oid,
            person,
            addresses,
            id_token_confirmed=tokens.confirmed,
            verified_marks=self.settings.verified_marks,
        )

    def _signed(self, state: str, code: str = "") -> dict[str, str]:
        """The parameters of every request, with the signature over them joined without separators."""
        settings, scope = self.settings, " ".join(self.settings.scopes)
        # `scope_org`, which is empty here, would stand between scope and timestamp.
        timestamp = self.clock().strftime("%Y.%m.%d %H:%M:%S %z")
        message = f"{settings.client_id}{scope}{timestamp}{state}{settings.redirect_uri}{code}"
        return {
            "client_id": settings.client_id,
            "client_certificate_hash": certificate_hash(settings.certificate),
            "client_secret": b64u(settings.sign(message.encode())),
            "redirect_uri": settings.redirect_uri,
            "scope": scope,
            "scope_org": "",
            "state": state,
            "timestamp": timestamp,
        }

    def _verified(self, access: str, identity: str) -> Tokens:
        settings, now = self.settings, self.clock()
        verification = Verification(settings.verification_keys, settings.issuer, settings.client_id)
        granted = verify_access_token(access, verification, now)
        subject = verify_id_token(identity, verification, now)
        if granted.oid != subject.oid:
            raise EsiaTokenInvalid("two accounts in one answer")
        if not granted.scopes.issuperset(settings.scopes):
            raise EsiaTokenInvalid("fewer scopes than asked for")
        return Tokens(access, subject.oid, subject.confirmed)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        url, limits = self.settings.base_url + path, {"timeout": TIMEOUT.as_dict()}
        status, body = self._send(httpx.Request(method, url, data=data, headers=headers, extensions=limits))
        answer = _object(body)
        if status == httpx.codes.OK and answer is not None:
            return answer
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
            raise EsiaUnavailable(f"HTTP {status}")
        if status < httpx.codes.BAD_REQUEST:
            raise EsiaAnswerInvalid(f"HTTP {status}")
        refused = refusal((answer or {}).get("error_description"))
        raise EsiaUnavailable(BUSY) if refused.code == BUSY else refused

    def _send(self, request: httpx.Request) -> tuple[int, bytes]:
        """Send, read no more than MAX_ANSWER_SIZE. Redirects, cookies and compression are not for us."""
        body = b""
        try:
            response = self.transport.handle_request(request)
            response.request = request
            try:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_SIZE:
                        raise EsiaAnswerInvalid("size")
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise EsiaUnavailable(type(error).__name__) from None
        return response.status_code, body


def esia_transport() -> httpx.BaseTransport:
    """HTTP toward ESIA, which trusts whom the machine trusts; threads may share it.

    It is what lies under `httpx.Client`, whose half of the work is for browsers. Its log would have whole
    addresses, and ESIA's hold account numbers: it falls silent.
    """
    logging.getLogger("httpcore").setLevel(logging.CRITICAL)
    return httpx.HTTPTransport(verify=machine_trust(), trust_env=False)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = parse_json(body.removeprefix(_BOM))
    except EncodingRefused:
        return None
    return value if isinstance(value, dict) else None
