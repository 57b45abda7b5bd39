"""What stands around every page of the office: language, session, policy, refusals."""

from typing import Any, Final, TypeVar

from flask import Response, g, make_response, render_template, request, url_for
from sqlalchemy.exc import InternalError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from issuer.admin import officials, sessions
from issuer.admin.forms import AdminForm
from issuer.admin.officials import Official
from issuer.admin.refusals import (
    ActNotPossible,
    AdminRefusal,
    ChangedMeanwhile,
    EsiaSilent,
    FormExpired,
    NoRole,
    NothingThere,
    NotSignedIn,
)
from issuer.admin.words import COOKIE as LANGUAGE_COOKIE
from issuer.admin.words import (
    choose_language,
    day,
    language,
    moment,
    plural,
    printed_snils,
    say,
    short,
    written_day,
)
from issuer.oauth.session import BrowserSession
from issuer.services import services
from shared.clock import ALTAI
from shared.db import read, write
from shared.logs import log_failure
from shared.refusals import Refusal, SignInExpired
from shared.territory import name_of
from shared.web.problems import PROBLEMS

YEAR: Final = 31_536_000
MAX_FORM: Final = 1_000_000
FormT = TypeVar("FormT", bound=AdminForm)


def before() -> None:
    """Learn the language and who is there. A form may be longer than a resident's request."""
    request.max_content_length = request.max_form_memory_size = MAX_FORM
    request.max_form_parts = 5000
    g.language = choose_language(request.args.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, ""))
    g.session = _session()
    g.form_token = "" if g.session is None else g.session.form_token
    g.official = None if g.session is None else _official(g.session)


def signed_in() -> Official:
    """Who acts. Raises NotSignedIn, NoRole."""
    if g.official is not None:
        found: Official = g.official
        return found
    if g.session is not None:
        with read(services().engine) as conn:
            if sessions.person_of(conn, g.session, services().clock()) is not None:
                raise NoRole
    raise NotSignedIn


def operator() -> Official:
    """The same, when it must be an operator. Raises NotSignedIn, NoRole, OfficialNotAllowed."""
    official = signed_in()
    official.check_operator()
    return official


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the office in the language of the request."""
    here = services()
    text = render_template(
        f"admin/{template}",
        t=say,
        language=language(),
        other_language="en" if language() == "ru" else "ru",
        issuer_name=here.settings.name,
        client=here.settings.client,
        box=here.settings.box,
        official=g.get("official"),
        form_token=g.get("form_token", ""),
        moment=moment,
        day=day,
        short=short,
        plural=plural,
        written_day=written_day,
        printed_snils=printed_snils,
        place=place,
        **values,
    )
    response = make_response(text, status)
    response.headers["Content-Language"] = language()
    return response


def see(endpoint: str, **values: Any) -> Response:
    """Go on to another page after an act, so that a reload repeats nothing."""
    return Response(status=303, headers={"Location": url_for(f"admin.{endpoint}", **values)})


def download(data: bytes, name: str, kind: str) -> Response:
    """A file to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, mimetype=kind, headers=headers)


def place(code: str) -> str:
    """The name of a municipality today."""
    return name_of(code, services().clock().astimezone(ALTAI).date())


def secured(response: Response) -> Response:
    """No script, nothing from elsewhere, nothing kept; the language is remembered when it was asked for."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {services().settings.esia_url}"
    )
    response.headers["Content-Security-Policy"] = policy
    response.headers.setdefault("Cache-Control", "no-store")
    if request.args.get("lang", "") == g.get("language"):
        response.set_cookie(
            LANGUAGE_COOKIE, g.language, max_age=YEAR, secure=True, httponly=True, samesite="Lax"
        )
    return response


def failed(error: Exception) -> Response:
    """A page for every refusal, and for what nobody foresaw."""
    refusal = _refusal_of(error)
    if refusal is not None:
        return _refused(refusal)
    if isinstance(error, Refusal):
        problem = PROBLEMS[type(error)]
        return _problem(problem.status, say("Не получилось", "It did not work"), say(problem.ru, problem.en))
    if isinstance(error, RequestEntityTooLarge):
        return _problem(
            413,
            say("Слишком большой файл или текст", "The file or text is too large"),
            say("Вернитесь назад и сократите его.", "Go back and make it shorter."),
        )
    if isinstance(error, HTTPException):
        return _problem(
            error.code or 400,
            say("Запрос составлен неверно", "The request is malformed"),
            say("Обновите страницу и повторите.", "Reload the page and try again."),
        )
    down = isinstance(error, OperationalError | InternalError | TimeoutError)
    log_failure("database-unavailable" if down else "unexpected-error", error)
    return _problem(
        503 if down else 500,
        say("Не получилось", "It did not work"),
        say("Ничего не изменилось. Повторите через минуту.", "Nothing has changed. Try again in a minute."),
    )


def _refusal_of(error: Exception) -> type[AdminRefusal] | None:
    if isinstance(error, AdminRefusal):
        return type(error)
    if isinstance(error, SignInExpired):
        return NotSignedIn
    return NothingThere if isinstance(error, NotFound | MethodNotAllowed) else None


def _refused(kind: type[AdminRefusal]) -> Response:
    title, advice = kind.ru if language() == "ru" else kind.en
    again = request.path.rpartition("/")[0] if kind in (ActNotPossible, ChangedMeanwhile) else ""
    sign_in = kind in (NotSignedIn, EsiaSilent)
    return _problem(kind.status, title, advice, sign_in=sign_in, again=again, typed=_typed())


def _problem(
    status: int,
    title: str,
    advice: str,
    *,
    sign_in: bool = False,
    again: str = "",
    typed: tuple[str, ...] = (),
) -> Response:
    """`again`: the page whose button was pressed. `typed`: texts that were not taken."""
    values = {"title": title, "advice": advice, "sign_in": sign_in, "again": again, "typed": typed}
    return page("refusal.html", status=status, **values)


def _typed() -> tuple[str, ...]:
    """The texts of a form of ours that was not taken: going back does not bring them back.

    Of another site's form nothing is shown (Fetch Metadata).
    """
    ours = request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not ours or (request.content_length or 0) > MAX_FORM:
        return ()
    return tuple(text for text in request.form.values() if len(text.split()) > 1)


def _session() -> BrowserSession | None:
    try:
        return BrowserSession.parse(request.cookies.get(sessions.COOKIE, ""))
    except SignInExpired:
        return None


def _official(session: BrowserSession) -> Official | None:
    here = services()
    now = here.clock()
    with read(here.engine) as conn:
        person = sessions.person_of(conn, session, now)
        found = None if person is None else officials.acting(conn, person, now)
    if found is not None and request.method == "POST":
        with write(here.engine) as conn:
            sessions.extend(conn, session, now)
    return found


def checked(form: FormT, *named: str) -> FormT:
    """A form whose token is right. Mistakes in the named fields are for the caller to show.

    Raises FormExpired.
    """
    form.validate()
    if set(form.errors) - set(named):
        raise FormExpired
    return form
