"""HTTP of the self-check: to ESIA and back, the page, the evidence file."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, request, url_for

from issuer import store as polls
from issuer.eligibility import check_account
from issuer.esia import errors
from issuer.esia.errors import EsiaError
from issuer.esia.person import Person
from issuer.keys import VoterPseudonym
from issuer.oauth.callback import ANSWERS, log_esia, new_session
from issuer.oauth.pages import failure_page, page_language, render, secured
from issuer.oauth.session import BrowserSession, set_cookie
from issuer.polls import known_poll
from issuer.routes.tokens import read_poll_id
from issuer.self_check import store
from issuer.self_check.evidence import evidence_of
from issuer.self_check.messages import MESSAGES
from issuer.self_check.views import records
from issuer.services import services
from shared.db import read, write
from shared.refusals import (
    AccountDeleted,
    AccountNotConfirmed,
    EsiaUnavailable,
    NotFound,
    SignInCancelled,
    SignInExpired,
)

REFUSED: Final = {
    kind.slug: kind for kind in (SignInExpired, AccountNotConfirmed, AccountDeleted, EsiaUnavailable)
}

self_check = Blueprint("self_check", __name__, url_prefix="/self-check", template_folder="templates")
self_check.after_request(secured)
self_check.register_error_handler(Exception, failure_page)


@self_check.get("")
def start() -> Response:
    """What can be learnt here."""
    language = page_language()
    return render("self_check/start.html", language, s=MESSAGES[language])


@self_check.post("")
def sign_in() -> Response:
    """To ESIA."""
    here, session = services(), new_session()
    with write(here.engine) as conn:
        store.begin(conn, session, here.clock())
    try:
        address = here.check_esia.authorization_url(session.esia_state, session.esia_verifier)
    except EsiaError as error:
        log_esia(error)
        raise EsiaUnavailable from None
    return _see(address, session)


@self_check.get("/esia/callback")
def callback() -> Response:
    """ESIA's answer, taken once. The next page has no query: ESIA's code names the account."""
    try:
        return _taken()
    except tuple(REFUSED.values()) as refusal:
        return _see(url_for(".refused", slug=type(refusal).slug))


@self_check.get("/refused/<slug>")
def refused(slug: str) -> Response:
    """Why there is nothing to see."""
    raise REFUSED.get(slug, NotFound)


def _taken() -> Response:
    """Raises SignInExpired, AccountNotConfirmed, AccountDeleted, EsiaUnavailable."""
    here, session = services(), _current()
    session.check_esia_state(request.args.get("state", ""))
    with write(here.engine) as conn:
        store.take(conn, session, here.clock())
    try:
        pseudonyms = _pseudonyms(_person(session))
    except SignInCancelled:
        return _see(url_for(".start"))
    except EsiaError as error:
        log_esia(error)
        raise EsiaUnavailable from None
    answered = new_session()
    with write(here.engine) as conn:
        store.answer(conn, answered, pseudonyms, here.clock())
    return _see(url_for(".result"), answered)


@self_check.get("/result")
def result() -> Response:
    """Per poll, whether a token was issued in the resident's name."""
    here, language = services(), page_language()
    with read(here.engine) as conn:
        found = records(conn, here, store.pseudonyms_of(conn, _current(), here.clock()), language)
    return render("self_check/result.html", language, s=MESSAGES[language], records=found)


@self_check.get("/evidence/<poll_id>.json")
def evidence(poll_id: str) -> Response:
    """The evidence file. Raises NotFound where there is none for this resident."""
    here, wanted = services(), read_poll_id(poll_id)
    with read(here.engine) as conn:
        pseudonym = store.pseudonyms_of(conn, _current(), here.clock()).get(wanted)
        if pseudonym is None:
            raise NotFound
        found = evidence_of(conn, here.keys, here.settings.url, known_poll(conn, wanted), pseudonym)
    if found is None:
        raise NotFound
    name = f'attachment; filename="veche-issuance-{poll_id[:8]}.json"'
    headers = {"Content-Disposition": name}
    return Response(found.to_bytes(), content_type="application/json", headers=headers)


@self_check.post("/end")
def end() -> Response:
    """Forget the answer at once."""
    here = services()
    with write(here.engine) as conn:
        store.end(conn, _current())
    response = _see(url_for(".start"))
    response.delete_cookie(store.COOKIE, secure=True, httponly=True, samesite="Lax")
    return response


def _current() -> BrowserSession:
    return BrowserSession.parse(request.cookies.get(store.COOKIE, ""))


def _person(session: BrowserSession) -> Person:
    """Who signed in, with a confirmed account. Raises EsiaError, SignInCancelled, AccountNotConfirmed."""
    here, answer = services(), request.args
    if "error" in answer:
        refused = errors.refusal(answer.get("error_description"))
        raise ANSWERS.get(refused.code, lambda: refused)()
    if not answer.get("code"):
        raise SignInExpired
    person = here.check_esia.person(here.check_esia.exchange(answer["code"], session.esia_verifier))
    check_account(person)
    return person


def _pseudonyms(person: Person) -> Mapping[bytes, VoterPseudonym]:
    """In every poll that has begun to give tokens and is not archived."""
    here, now = services(), services().clock()
    with read(here.engine) as conn:
        begun = [poll for poll in polls.remembered(conn) if poll.manifest.issuance_opens_at <= now]
    return {poll.poll_id: here.keys.pseudonym(poll.poll_id, person.snils) for poll in begun}


def _see(location: str, session: BrowserSession | None = None) -> Response:
    response = Response(status=303, headers={"Location": location})
    if session is not None:
        set_cookie(response, session, seconds=int(store.LIFE.total_seconds()), name=store.COOKIE)
    return response
