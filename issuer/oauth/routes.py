"""HTTP of sign-in: to ESIA and back, the page on which the resident chooses, the code, the access token."""

from typing import Final, cast

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, request, url_for

from issuer.esia.errors import EsiaError
from issuer.oauth import answer, store
from issuer.oauth.callback import ask_again, esia_address, interrupt, log_esia, new_session, take_answer
from issuer.oauth.choosing import choose, decline
from issuer.oauth.decisions import check_any_open
from issuer.oauth.messages import MESSAGES
from issuer.oauth.pages import (
    choice_page,
    current_session,
    failure_page,
    interrupted_page,
    page_language,
    secured,
    session_of_form,
)
from issuer.oauth.server import server
from issuer.oauth.session import BrowserSession, set_cookie
from issuer.oauth.store import Language, SignIn
from issuer.services import services
from shared.db import read, write
from shared.refusals import (
    MalformedRequest,
    Refusal,
    SignInCancelled,
    SignInExpired,
    TooLarge,
)
from shared.web.headers import allow_client
from shared.web.openapi import COUNT, JSON, Content, Operation, described, members

TEXT: Final = {"type": "string"}
AUTHORIZATION: Final = {"ui_locales": {"type": "string", "default": "ru"}} | dict.fromkeys(
    (
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ),
    TEXT,
)
"""RFC 6749 section 4.1.1 and RFC 7636 section 4.3; `state` and `ui_locales` alone may miss."""
FORM: Final = Content(
    "application/x-www-form-urlencoded",
    members(client_id=TEXT, code=TEXT, code_verifier=TEXT, grant_type=TEXT, redirect_uri=TEXT),
)
ACCESS: Final = members(access_token=TEXT, expires_in=COUNT, scope=TEXT, token_type=TEXT)
REFUSED: Final = Content(
    JSON, {"type": "object", "properties": {"error": TEXT, "error_description": TEXT}, "required": ["error"]}
)
"""RFC 6749 section 5.2."""

oauth = Blueprint("oauth", __name__, static_folder="static", static_url_path="/oauth/static")
pages = Blueprint("pages", __name__, template_folder="templates")
tokens = Blueprint("tokens", __name__)

pages.after_request(secured)


@pages.get("/oauth/authorize")
@described(Operation({303: ()}, (MalformedRequest,), query=AUTHORIZATION, page=True))
def authorize() -> Response:
    """Begin a sign-in for the client: to ESIA, or back with the reason why not."""
    try:
        wanted = _wanted()
    except OAuth2Error as error:
        # Without a client and its redirect URI there is nobody to answer to (RFC 6749 section 4.1.2.1).
        if error.redirect_uri is None:
            raise MalformedRequest from None
        return answer.failed(error.state or "", error.error, error.description)
    here, session = services(), new_session()
    with write(here.engine) as conn:
        try:
            check_any_open(conn, wanted.polls, here.clock())
        except Refusal as refusal:
            return answer.denied(wanted, refusal.slug)
        store.begin(conn, session.id, wanted, here.clock())
    return _to_esia(session)


@pages.get("/esia/callback")
def callback() -> Response:
    """ESIA's answer. Whatever comes of it, the next page has no query: ESIA's code names the account."""
    here = services()
    try:
        session = current_session()
        chosen = take_answer(here, session, request.args)
    except SignInCancelled:
        return answer.denied(*decline(here, session))
    except SignInExpired:
        return _see(url_for(".show"))
    except EsiaError as error:
        log_esia(error)
        return _see(url_for(".show"))
    return _see(url_for(".show"), chosen)


@pages.get("/signin")
def show() -> Response:
    """The page on which the resident chooses, or the news that ESIA did not answer."""
    session = current_session()
    with read(services().engine) as conn:
        wanted, stage = store.find(conn, session.id, services().clock())
        if stage == "choosing":
            return choice_page(conn, session, wanted)
    if stage == "interrupted":
        return interrupted_page(session, page_language(wanted.language))
    raise SignInExpired


@pages.post("/signin")
def submit() -> Response:
    """The resident's choice: to the client with a code, or with a refusal."""
    session = session_of_form()
    if request.form.get("action") != "get":
        return answer.denied(*decline(services(), session))
    wanted, granted = choose(services(), session, request.form.getlist("poll"))
    if not granted:
        with read(services().engine) as conn:
            return choice_page(conn, session, wanted, none_chosen=True)
    return answer.granted(wanted, session.code, granted)


@pages.post("/signin/again")
def again() -> Response:
    """Ask ESIA once more."""
    return _to_esia(ask_again(services(), session_of_form()))


@tokens.post("/oauth/token")
@described(
    Operation(
        {200: (Content(JSON, ACCESS),), 400: (REFUSED,), 401: (REFUSED,)}, (MalformedRequest, TooLarge), FORM
    )
)
def token() -> Response:
    """A code for an access token (RFC 6749 section 4.1.3)."""
    response: Response = server.create_token_response()
    return response


@tokens.after_request
def for_the_client(response: Response) -> Response:
    """Answers are for the client's origin alone and never stored."""
    response.headers["Cache-Control"] = "no-store"
    return allow_client(response, services().settings.client, headers="Content-Type")


def _wanted() -> SignIn:
    """The authorization request, checked by Authlib. Raises OAuth2Error, MalformedRequest."""
    checked = server.get_consent_grant().request
    return SignIn(
        polls=store.read_scope(checked.scope),
        state=checked.payload.state or "",
        code_challenge=checked.payload.data["code_challenge"],
        language=page_language(_asked_language()),
    )


def _asked_language() -> Language | None:
    """The first language of `ui_locales` that we speak (OpenID Connect Core 3.1.2.1)."""
    asked = (tag.partition("-")[0] for tag in request.args.get("ui_locales", "").split(" "))
    return next((cast(Language, tag) for tag in asked if tag in MESSAGES), None)


def _to_esia(session: BrowserSession) -> Response:
    """Send the browser to ESIA. If our signing program fails, the sign-in waits to be repeated."""
    here = services()
    try:
        return _see(esia_address(here, session), session)
    except EsiaError as error:
        log_esia(error)
        interrupt(here, session)
        return _see(url_for(".show"), session)


def _see(location: str, session: BrowserSession | None = None) -> Response:
    response = Response(status=303, headers={"Location": location})
    if session is not None:
        set_cookie(response, session, seconds=int(store.SIGN_IN_LIFE.total_seconds()))
    return response


pages.register_error_handler(Exception, failure_page)
oauth.register_blueprint(pages)
oauth.register_blueprint(tokens)
