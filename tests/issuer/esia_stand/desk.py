"""A stand without a socket, and a client registered at it."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import httpx

from issuer.esia.client import EsiaClient, EsiaSettings, Tokens
from issuer.esia.errors import EsiaUnavailable
from issuer.esia.person import Person
from issuer.esia.signer import SignRaw, signer_from_key
from issuer.esia.tokens import VerificationKey, load_verification_key
from issuer.esia_stand.app import create_app
from issuer.esia_stand.settings import Algorithm, StandSettings
from tests.issuer.esia.keys import NOW

URL = "http://127.0.0.2:8081"
CALLBACK = "http://127.0.0.3:8082/esia/callback"


@dataclass
class Desk:
    """A stand over a prepared directory, with a clock that a test sets."""

    state: Path
    algorithm: Algorithm = "RS256"
    now: datetime = NOW
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __post_init__(self) -> None:
        settings = StandSettings(state=self.state, url=URL, algorithm=self.algorithm)
        self.app = create_app(settings, lambda: self.now)
        self.transport = httpx.WSGITransport(app=self.app, raise_app_exceptions=True)
        self.http = httpx.Client(transport=self.transport)
        self.client = EsiaClient(self.settings(), self.transport, lambda: self.now)

    def signer(self, name: str = "client") -> SignRaw:
        """The signer of a registered client."""
        return signer_from_key((self.state / f"{name}.key.pem").read_bytes())

    def settings(self, **changes: Any) -> EsiaSettings:
        """The settings of the registered client."""
        given: dict[str, Any] = {
            "base_url": URL,
            "client_id": "VECHE22",
            "redirect_uri": CALLBACK,
            "certificate": (self.state / "client.cert.der").read_bytes(),
            "sign": self.signer(),
            "verification_keys": verification_keys(self.state),
            "verified_marks": frozenset({"1,1,1"}),
        }
        return EsiaSettings(**given | changes)

    def query(self, **changes: Any) -> dict[str, str]:
        """The parameters of a good v2/ac request, then changed without signing anew; None leaves one out."""
        url = self.client.authorization_url(uuid4(), self.verifier)
        given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return {name: value for name, value in (given | changes).items() if value is not None}

    def authorize(self, query: dict[str, str] | str) -> httpx.Response:
        """Send a v2/ac request."""
        encoded = query if isinstance(query, str) else urlencode(query)
        return self.http.get(f"{URL}/aas/oauth2/v2/ac?{encoded}")

    def choose(self, page: httpx.Response, resident: str) -> dict[str, str]:
        """Sign in on a page; the parameters of the redirect to the client."""
        found = re.search(r'name="page" value="([^"]+)"', page.text)
        assert found, page.text
        done = self.http.post(f"{URL}/login", data={"page": found[1], "resident": resident})
        return answer(done)

    def code(self, resident: str = "barnaul-1", client: EsiaClient | None = None) -> str:
        """A code for a resident."""
        url = (client or self.client).authorization_url(uuid4(), self.verifier)
        return self.choose(self.http.get(url), resident)["code"]

    def sign_in(self, resident: str = "barnaul-1") -> Tokens:
        """The whole sign-in up to the tokens."""
        return self.client.exchange(self.code(resident), self.verifier)

    def person(self, resident: str) -> Person:
        """The whole sign-in."""
        return self.client.person(self.sign_in(resident))

    def form(self, good_code: str, **changes: Any) -> dict[str, str]:
        """The fields of a good v3/te request, then changed without signing anew; None leaves one out."""
        sent: list[dict[str, str]] = []
        client = EsiaClient(self.client.settings, httpx.MockTransport(_catch(sent)), lambda: self.now)
        try:
            client.exchange(good_code, self.verifier)
        except EsiaUnavailable:
            given: dict[str, Any] = sent[0] | changes
        return {name: value for name, value in given.items() if value is not None}

    def exchange(self, form: dict[str, str] | bytes, **headers: str) -> httpx.Response:
        """Send a v3/te request."""
        if isinstance(form, bytes):
            return self.http.post(f"{URL}/aas/oauth2/v3/te", content=form, headers=headers)
        return self.http.post(f"{URL}/aas/oauth2/v3/te", data=form)


def answer(response: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect carries to the client."""
    assert response.status_code == 303, response.text
    assert response.headers["Location"].startswith(CALLBACK + "?")
    query = urlsplit(response.headers["Location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def refused_code(response: httpx.Response) -> str:
    """ESIA's code in a redirect, a JSON answer or a page."""
    text = response.headers.get("Location", "") + response.text
    found = re.search(r"ESIA-[0-9]{6}", text)
    return found[0] if found else "none"


def verification_keys(state: Path) -> tuple[VerificationKey, ...]:
    """The stand's public keys, as a relying party reads them."""
    paths = sorted(state.glob("esia.*.cert.der"))
    return tuple(load_verification_key(path.read_bytes()) for path in paths)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form."""
    return str(UUID(text)) == text


def _catch(sent: list[dict[str, str]]) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(dict(parse_qsl(request.content.decode(), keep_blank_values=True)))
        return httpx.Response(503)

    return handle
