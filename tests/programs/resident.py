"""The reference resident: the client's part of the protocol in Python, over real HTTP, without a browser."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from crypto import ballot_signature
from crypto.blind_rsa import client as blind
from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from issuer.esia_stand.residents import RESIDENTS
from shared.answers import Answers
from shared.ballot import signature_message, signed_part
from shared.encoding import b64u, from_b64u
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import Poll, parse_manifest
from shared.poll_keys import PollKeys
from shared.publication import parse_signatures, verify_manifest_signatures
from shared.receipt import verify_receipt
from shared.sealing import make_answers_field
from shared.token import Token, token_message
from shared.trust import TrustRoot, check_trusted
from tests.programs.forms import Form, forms_of

SLUG_PREFIX = "urn:veche:problem:"


class Refused(Exception):
    """A service refused, with the slug of its problem or of the sign-in's answer."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@dataclass(frozen=True)
class TokenRequest:
    """What a resident writes down before asking, so that the same bytes can be sent again."""

    poll: Poll
    ballot_key: ec.EllipticCurvePrivateKey
    prepared: bytes
    blinded: blind.Blinded


@dataclass(frozen=True)
class Receipt:
    """The box's answer to a ballot, checked."""

    poll: Poll
    ballot: bytes
    leaf_hash: bytes
    signature: bytes


@dataclass
class Browser:
    """HTTP with cookies kept by hand: `__Host-` cookies are Secure, and loopback is plain HTTP."""

    http: httpx.Client
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, url: str) -> httpx.Response:
        """GET, without following a redirect."""
        return self._send(self.http.build_request("GET", url, headers=self._cookie(url)))

    def post(self, url: str, fields: Sequence[tuple[str, str]]) -> httpx.Response:
        """POST a form, without following a redirect."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(url)),
            "Referer": url,
            **self._cookie(url),
        }
        return self._send(self.http.build_request("POST", url, headers=headers, content=urlencode(fields)))

    def follow(self, response: httpx.Response, *, until: str) -> httpx.Response | str:
        """Follow redirects to the first page, or to the first URL that begins with `until`."""
        while response.is_redirect:
            target = str(response.next_request.url) if response.next_request else ""
            if target.startswith(until):
                return response.headers["Location"]
            response = self.get(target)
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        response = self.http.send(request)
        jar = self.cookies.setdefault(request.url.host, {})
        for header in response.headers.get_list("set-cookie"):
            name, _, rest = header.partition("=")
            value = rest.split(";")[0]
            if "max-age=0" in header.lower() or not value:
                jar.pop(name, None)
            else:
                jar[name] = value
        return response

    def _cookie(self, url: str) -> dict[str, str]:
        jar = self.cookies.get(urlsplit(url).hostname or "", {})
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}


class Resident:
    """One person at one browser. `person` names a fictional resident of the ESIA stand."""

    def __init__(self, http: httpx.Client, trust: TrustRoot, person: str) -> None:
        self._http, self._trust, self._person = http, trust, person

    def read_poll(self, poll_id: str) -> Poll:
        """The poll's manifest, checked against hash, signatures and trust root."""
        base = f"{self._trust.ballot_box.url}/polls/{poll_id}"
        poll = parse_manifest(self._http.get(f"{base}/manifest.json").raise_for_status().content)
        assert poll.poll_id.hex() == poll_id
        check_trusted(self._trust, poll.manifest)
        signatures = self._http.get(f"{base}/signatures.json").raise_for_status().content
        verify_manifest_signatures(poll, parse_signatures(signatures))
        return poll

    def sign_in(self, polls: Sequence[Poll], issuer: int = 0) -> str:
        """Sign in through ESIA for these polls; an access token. Raises Refused with the sign-in's slug."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        url, redirect_uri = self._trust.issuers[issuer].url, f"{self._trust.client}/?issuer={issuer}"
        start = self.authorization_url(polls, issuer, verifier, state)
        back = self.walk(Browser(self._http), start, until=f"{self._trust.client}/")
        answer = {name: values[0] for name, values in parse_qs(urlsplit(back).fragment).items()}
        assert answer["state"] == state
        assert answer["iss"] == url
        if "error" in answer:
            raise Refused(answer["error_description"])
        fields = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "client_id": self._trust.client,
            "code_verifier": verifier,
        }
        token = self._http.post(f"{url}/oauth/token", data=fields).raise_for_status().json()
        return str(token["access_token"])

    def authorization_url(self, polls: Sequence[Poll], issuer: int, verifier: str, state: str) -> str:
        """Where a sign-in for these polls begins (RFC 6749 4.1.1, RFC 7636)."""
        query = {
            "response_type": "code",
            "response_mode": "fragment",
            "client_id": self._trust.client,
            "redirect_uri": f"{self._trust.client}/?issuer={issuer}",
            "scope": " ".join(f"poll:{poll.poll_id.hex()}" for poll in polls),
            "state": state,
            "code_challenge": b64u(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return f"{self._trust.issuers[issuer].url}/oauth/authorize?{urlencode(query)}"

    def walk(self, browser: Browser, url: str, *, until: str) -> str:
        """From a URL over redirects and forms to the first URL that begins with `until`. Raises Refused."""
        page = browser.follow(browser.get(url), until=until)
        while not isinstance(page, str):
            form = self._next_form(page)
            page = browser.follow(browser.post(form.action, [*form.fields, *form.buttons[:1]]), until=until)
        return page

    def prepare(
        self, poll: Poll, issuer: int = 0, key: ec.EllipticCurvePrivateKey | None = None
    ) -> TokenRequest:
        """Blind a ballot key's token message for an issuer of the poll; a fresh key where none is given."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        public = PollKeys.of(poll).token_keys[issuer]
        prepared = blind.prepare(token_message(poll.poll_id, ballot_signature.public_bytes(key)))
        return TokenRequest(poll, key, prepared, blind.blind(public, prepared))

    def ask(self, access_token: str, wanted: TokenRequest, issuer: int = 0) -> Token:
        """Have the blinded message signed; the finalized token, its promise checked. Raises Refused."""
        poll = wanted.poll
        response = self._http.post(
            f"{poll.manifest.issuers[issuer].url}/polls/{poll.poll_id.hex()}/token",
            json={"blinded_message": b64u(wanted.blinded.message)},
            headers={"Authorization": f"Bearer {access_token}"},
        )
        answer = _accepted(response)
        leaf = issuance_leaf(
            poll.poll_id, from_b64u(answer["pseudonym"]), from_b64u(answer["nonce"]), wanted.blinded.message
        )
        statement_key = from_b64u(poll.manifest.issuers[issuer].statement_key)
        verify_promise(statement_key, poll.poll_id, leaf, from_b64u(answer["promise"]))
        public = PollKeys.of(poll).token_keys[issuer]
        blind_signature = from_b64u(answer["blind_signature"])
        signature = blind.finalize(public, wanted.prepared, blind_signature, wanted.blinded.inverse)
        return Token(issuer, wanted.prepared[:32], signature)

    def make_ballot(
        self, wanted: TokenRequest, tokens: Sequence[Token], answers: Answers, *, revision: int = 0
    ) -> bytes:
        """Sign a ballot with the one-time key."""
        poll, key = wanted.poll, wanted.ballot_key
        public = ballot_signature.public_bytes(key)
        field = make_answers_field(poll, public, revision, answers)
        part = signed_part(poll.poll_id, public, revision, tuple(tokens), field)
        return part + ballot_signature.sign(key, signature_message(part))

    def cast(self, poll: Poll, ballot: bytes) -> Receipt:
        """Send a ballot; its receipt, checked. Raises Refused."""
        response = self._http.post(
            f"{poll.manifest.ballot_box.url}/polls/{poll.poll_id.hex()}/ballots",
            content=ballot,
            headers={"Content-Type": "application/octet-stream"},
        )
        answer = _accepted(response)
        leaf = leaf_hash(ballot)
        assert answer["leaf_hash"] == leaf.hex()
        signature = from_b64u(answer["receipt"])
        verify_receipt(from_b64u(poll.manifest.ballot_box.statement_key), poll.poll_id, leaf, signature)
        return Receipt(poll, ballot, leaf, signature)

    def collect(self, poll: Poll) -> tuple[TokenRequest, list[Token]]:
        """Ask issuers in order until there are k tokens under one ballot key; who does not answer is passed.

        Raises Refused with the first refusal when too few are left.
        """
        key, tokens, refusals = ec.generate_private_key(ec.SECP256R1()), list[Token](), list[Refused]()
        wanted = self.prepare(poll, 0, key)
        urls = [known.url for known in self._trust.issuers]
        for number, issuer in enumerate(poll.manifest.issuers):
            if len(tokens) == poll.manifest.threshold:
                break
            wanted = self.prepare(poll, number, key)
            try:
                tokens.append(self.ask(self.sign_in([poll], urls.index(issuer.url)), wanted, number))
            except Refused as refused:
                refusals.append(refused)
            except (CryptoError, httpx.HTTPError):
                refusals.append(Refused("issuer-faulty"))
        if len(tokens) < poll.manifest.threshold:
            raise refusals[0]
        return wanted, tokens

    def vote(self, poll: Poll, *answers: Answers) -> list[Receipt]:
        """The whole way: sign in, take a token, cast; again where more answers follow. Raises Refused."""
        wanted, tokens = self.collect(poll)
        ballots = [
            self.make_ballot(wanted, tokens, given, revision=number) for number, given in enumerate(answers)
        ]
        return [self.cast(poll, ballot) for ballot in ballots]

    def _next_form(self, page: httpx.Response) -> Form:
        """The form to send: the stand's for this person, or the issuer's only one."""
        forms = forms_of(page.text, str(page.url))
        if page.status_code >= 500 or not forms:
            raise Refused(f"http-{page.status_code}")
        mine = [form for form in forms if ("resident", self._person) in (*form.fields, *form.buttons)]
        listed = [form for form in forms if form.buttons[:1] == [("resident", RESIDENTS[0].id)]]
        if listed and not mine:  # of the stand's crowd, which its page does not list
            return replace(listed[0], buttons=[("resident", self._person)])
        return (mine or forms)[0]


def _accepted(response: httpx.Response) -> dict[str, str]:
    if response.status_code != 200:
        raise Refused(str(response.json()["type"]).removeprefix(SLUG_PREFIX))
    answer: dict[str, str] = response.json()
    return answer
