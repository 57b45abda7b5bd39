"""A town without sockets: issuer and strict ESIA stand as they are, browsers, the web client's part."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from flask import Flask

from issuer.app import create_app
from issuer.esia_stand.app import create_app as create_stand
from issuer.esia_stand.settings import StandSettings
from shared.encoding import b64u
from shared.manifest import Poll
from shared.tls import machine_trust
from tests.issuer.office import CLIENT_URL, ISSUER_URL, Office, sample_draft
from tests.programs.forms import Form, forms_of
from tests.programs.resident import Browser

REDIRECT_URI = f"{CLIENT_URL}/?issuer=0"
STAND_URL = "http://127.0.0.2:8000"


@dataclass
class Town:
    """An office with a stand and two open polls: of Barnaul and of the whole region."""

    folder: Path
    changes: dict[str, Any] = field(default_factory=dict)
    stand_down: bool = False

    def __post_init__(self) -> None:
        self.office = Office(self.folder, changes=self.changes)
        self.office.prepare_sign_in()
        self.watch = self.office.watch
        self.barnaul = self.office.publish()
        self.region = self.office.publish(sample_draft(title={"ru": "Ярмарка"}, territory=["01000000"]))
        settings = StandSettings(state=self.folder / "esia", url=STAND_URL)
        self.stand = httpx.WSGITransport(create_stand(settings, self.watch))
        self.app: Flask = create_app(
            self.office.settings, self.watch, esia_transport=httpx.MockTransport(self._esia)
        )
        issuer = httpx.WSGITransport(self.app)
        mounts = {"http://127.0.0.2": self.stand, "http://127.0.0.3": issuer}
        self.http = httpx.Client(mounts=mounts, verify=machine_trust())

    def browser(self) -> Browser:
        """A browser without cookies."""
        return Browser(self.http)

    def _esia(self, request: httpx.Request) -> httpx.Response:
        if self.stand_down:
            raise httpx.ConnectError("refused", request=request)
        # The body must be read before it leaves the transport, for the client closes it unread otherwise.
        answer = self.stand.handle_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.read())


@dataclass
class WebClient:
    """The web client's part of one sign-in. `changes` to the parameters of its request: None leaves out."""

    town: Town
    polls: Sequence[Poll]
    changes: dict[str, str | None] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def __post_init__(self) -> None:
        self.browser = self.town.browser()

    @property
    def authorize_url(self) -> str:
        """The address of the authorization request."""
        query: dict[str, str | None] = {
            "response_type": "code",
            "response_mode": "fragment",
            "client_id": CLIENT_URL,
            "redirect_uri": REDIRECT_URI,
            "scope": scope_of(*self.polls),
            "state": self.state,
            "code_challenge": b64u(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **self.changes,
        }
        return f"{ISSUER_URL}/oauth/authorize?{urlencode({k: v for k, v in query.items() if v is not None})}"

    def begin(self) -> httpx.Response:
        """The issuer's answer to the authorization request."""
        return self.browser.get(self.authorize_url)

    def esia_answer(self, person: str) -> str:
        """Go to ESIA and sign in; the address of the callback, not yet visited."""
        started = self.begin()
        assert started.status_code == 303, started.text
        return self.sign_in_at(started.headers["Location"], person)

    def sign_in_at(self, address: str, person: str) -> str:
        """Choose a person on ESIA's page at this address; empty for none."""
        page = self.browser.get(address)
        assert page.status_code == 200, page.headers.get("Location")
        wanted = ("resident", person) if person else ("cancel", "yes")
        chosen = next(f for f in forms_of(page.text, str(page.url)) if wanted in (*f.fields, *f.buttons))
        answer = self.browser.post(chosen.action, [*chosen.fields, wanted])
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def page(self, person: str) -> httpx.Response:
        """The issuer's page after ESIA."""
        answer = self.browser.follow(self.browser.get(self.esia_answer(person)), until=CLIENT_URL)
        assert isinstance(answer, httpx.Response), answer
        return answer

    def submit(self, page: httpx.Response, *more: tuple[str, str], button: int = 0) -> httpx.Response:
        """Send the first form of a page with more fields and one of its buttons."""
        form = form_of(page)
        return self.browser.post(form.action, [*form.fields, *more, form.buttons[button]])

    def sign_in(self, person: str) -> dict[str, str]:
        """The whole way: what the client gets in the fragment."""
        return fragment(self.submit(self.page(person)))

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Exchange a code for an access token."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "client_id": CLIENT_URL,
            "code_verifier": self.verifier,
            **changes,
        }
        data = {name: value for name, value in form.items() if value is not None}
        return self.town.http.post(f"{ISSUER_URL}/oauth/token", data=data)

    def access_token(self, person: str = "barnaul-1") -> str:
        """An access token for a person."""
        return str(self.exchange(self.sign_in(person)["code"]).json()["access_token"])


def scope_of(*polls: Poll) -> str:
    """The scope that names these polls."""
    return " ".join(f"poll:{poll.poll_id.hex()}" for poll in polls)


def form_of(page: httpx.Response) -> Form:
    """The first form of a page."""
    return forms_of(page.text, str(page.url))[0]


def fragment(answer: httpx.Response) -> dict[str, str]:
    """What a redirect to the client carries, all of it in the fragment."""
    location = answer.headers.get("Location", "")
    assert answer.status_code == 303, answer.text
    assert location.startswith(f"{REDIRECT_URI}#"), location
    values = parse_qs(urlsplit(location).fragment)
    assert all(len(value) == 1 for value in values.values())
    return {name: value[0] for name, value in values.items()}


def query_of(address: str) -> dict[str, str]:
    """The query parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
