"""A resident's way through the self-check, over the strict ESIA stand."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from issuer.esia_stand.residents import residents_by_id
from issuer.keys import VoterPseudonym
from shared.manifest import Poll
from tests.issuer.oauth.town import Town
from tests.issuer.office import ISSUER_URL, blinded_message
from tests.programs.forms import forms_of
from tests.programs.resident import Browser

START = f"{ISSUER_URL}/self-check"


@dataclass
class Visitor:
    """Somebody with a browser."""

    town: Town
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.town.browser()

    def begin(self) -> str:
        """Ask for the sign-in; ESIA's address."""
        answer = self.browser.post(START, [])
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def at_esia(self, address: str, person: str) -> str:
        """Sign in there, or cancel; the address of the callback, not yet visited."""
        page = self.browser.get(address)
        wanted = ("resident", person) if person else ("cancel", "yes")
        form = next(f for f in forms_of(page.text, str(page.url)) if wanted in (*f.fields, *f.buttons))
        return str(self.browser.post(form.action, [*form.fields, wanted]).headers["Location"])

    def sign_in(self, person: str) -> httpx.Response:
        """The whole way; the page after it."""
        return self.arrive(self.at_esia(self.begin(), person))

    def arrive(self, address: str) -> httpx.Response:
        """The page that this address leads to."""
        page = self.browser.follow(self.browser.get(address), until="nowhere:")
        assert isinstance(page, httpx.Response)
        return page

    def evidence(self, poll: Poll) -> httpx.Response:
        """The evidence file of a poll."""
        return self.browser.get(f"{START}/evidence/{poll.poll_id.hex()}.json")


def issued(page: httpx.Response) -> list[str]:
    """The ids of the polls in which the page says that a token was issued."""
    return re.findall(r"/self-check/evidence/([0-9a-f]{64})\.json", page.text)


def give_token(town: Town, person: str, poll: Poll) -> bytes:
    """Issue a token to a fictional resident; the blinded message that was signed."""
    return _issue(town, town.office.keys.pseudonym(poll.poll_id, snils_of(person)), poll)


def snils_of(person: str) -> str:
    """The 11 digits of a fictional resident."""
    return "".join(filter(str.isdigit, residents_by_id()[person].snils))


def give_tokens_to_others(town: Town, poll: Poll, number: int) -> None:
    """Issue tokens to people who do not matter, so that the log is a tree."""
    for one in range(number):
        _issue(town, VoterPseudonym(hashlib.sha256(bytes([one])).digest()), poll)


def publish_batch(town: Town) -> None:
    """Let the next batch of the issuance logs go out (the town publishes every minute)."""
    town.watch.now += timedelta(minutes=1)
    town.office.worker.step()


def _issue(town: Town, pseudonym: VoterPseudonym, poll: Poll) -> bytes:
    message = blinded_message(poll)
    town.office.desk.issue(poll.poll_id, pseudonym, message, nonce=hashlib.sha256(message).digest())
    return message
