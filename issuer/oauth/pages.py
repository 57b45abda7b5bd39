"""Rendering of the sign-in pages, and what goes with each: language, policy, cookie."""

import hmac
from typing import Any, Final, cast

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection
from sqlalchemy.exc import InternalError as TransactionEnded
from sqlalchemy.exc import OperationalError, TimeoutError

from issuer.oauth import store
from issuer.oauth.messages import MESSAGES
from issuer.oauth.session import COOKIE, BrowserSession
from issuer.oauth.store import Language, SignIn
from issuer.oauth.views import choice, refusal_view
from issuer.services import services
from shared.logs import log_failure
from shared.refusals import EsiaUnavailable, InternalError, Refusal, SignInExpired, Unavailable
from shared.web.problems import PROBLEMS, RETRY_AFTER_SECONDS, preferred_language

UNPROCESSABLE: Final = 422


def current_session() -> BrowserSession:
    """The sign-in of this browser. Raises SignInExpired."""
    return BrowserSession.parse(request.cookies.get(COOKIE, ""))


def session_of_form() -> BrowserSession:
    """The same, when one of our own forms was sent. Raises SignInExpired for another site's."""
    session = current_session()
    given = request.form.get("form_token", "").encode()
    if not hmac.compare_digest(session.form_token.encode(), given):
        raise SignInExpired
    return session


def page_language(otherwise: Language | None = None) -> Language:
    """The language that `lang` asks for, else the given one, else what the browser prefers."""
    wanted = request.args.get("lang", "")
    return cast(Language, wanted) if wanted in MESSAGES else otherwise or preferred_language()


def render(template: str, language: Language, *, status: int = 200, **values: Any) -> Response:
    """A page in this language."""
    here = services()
    text = render_template(
        template,
        t=MESSAGES[language],
        language=language,
        lang=language if "lang" in request.args else None,
        other_language="ru" if language == "en" else "en",
        issuer_name=here.settings.name,
        client=here.settings.client,
        **values,
    )
    response = make_response(text, status)
    response.headers["Content-Language"] = language
    return response


def refusal_page(refusal: Refusal) -> Response:
    """A refusal that no sign-in stands behind any more: what happened, what to do, the way to the client."""
    language = page_language()
    view = refusal_view(refusal.slug, language)
    return render("refusal.html", language, status=PROBLEMS[type(refusal)].status, refusal=view)


def failure_page(error: Exception) -> Response:
    """Refusals, and what nobody foresaw, as pages."""
    if isinstance(error, Refusal):
        return refusal_page(error)
    down = isinstance(error, OperationalError | TransactionEnded | TimeoutError)
    log_failure("database-unavailable" if down else "unexpected-error", error)
    return refusal_page(Unavailable() if down else InternalError())


def choice_page(
    conn: Connection, session: BrowserSession, wanted: SignIn, *, none_chosen: bool = False
) -> Response:
    """The page on which the resident chooses; why not, where no wanted poll can be granted."""
    language = page_language(wanted.language)
    offered = choice(conn, wanted, store.decisions_of(conn, session.id), language)
    status = UNPROCESSABLE if none_chosen else 200
    values: dict[str, Any] = {"choice": offered, "form_token": session.form_token}
    if offered.wanted:
        return render("choose.html", language, status=status, none_chosen=none_chosen, **values)
    return render("refusal.html", language, refusal=offered.refused[0], **values)


def interrupted_page(session: BrowserSession, language: Language) -> Response:
    """ESIA did not answer: nothing is lost, and here is the way to ask again."""
    status = PROBLEMS[EsiaUnavailable].status
    response = render("interrupted.html", language, status=status, form_token=session.form_token)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def secured(response: Response) -> Response:
    """Pages run no script, load nothing of others, and are not kept.

    Browsers apply form-action to the redirect that answers a form, too: ours lead to the client and to ESIA.
    """
    settings = services().settings
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {settings.client} {settings.esia_url}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
