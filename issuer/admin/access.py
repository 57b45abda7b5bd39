"""Sign-in of officials through ESIA, and the applicant's pages."""

from datetime import date
from typing import Final

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from issuer.admin import acts, applications, officials, sessions
from issuer.admin.application_paper import paper
from issuer.admin.applications import Application, Fields
from issuer.admin.forms import AdminForm, ApplicationForm, CodeForm, ScanForm
from issuer.admin.pages import download, page, see, signed_in
from issuer.admin.refusals import EsiaSilent, NoRole, NothingThere, NotSignedIn
from issuer.admin.words import language, say
from issuer.esia import errors
from issuer.esia.errors import EsiaError
from issuer.oauth.callback import log_esia, new_session
from issuer.oauth.session import BrowserSession, set_cookie
from issuer.services import services
from shared.clock import ALTAI
from shared.db import read, write
from shared.refusals import SignInExpired
from shared.territory import municipalities

access = Blueprint("access", __name__)

REFUSED: Final = {"not-signed-in": NotSignedIn, "no-role": NoRole, "esia-silent": EsiaSilent}
APPLICANT: Final = "__Host-veche-application"
APPLICANT_SECONDS: Final = 7_776_000


@access.get("/")
def home() -> Response:
    """The way in."""
    return see("polls.listed") if g.official else page("sign_in.html")


@access.post("/sign-in")
def sign_in() -> Response:
    """To ESIA."""
    here, session = services(), new_session()
    with write(here.engine) as conn:
        sessions.begin(conn, session, here.clock())
    try:
        address = here.admin_esia.authorization_url(session.esia_state, session.esia_verifier)
    except EsiaError as error:
        log_esia(error)
        raise EsiaSilent from None
    response = Response(status=303, headers={"Location": address})
    set_cookie(response, session, seconds=int(sessions.AT_ESIA.total_seconds()), name=sessions.COOKIE)
    return response


@access.get("/esia/callback")
def callback() -> Response:
    """ESIA's answer: a new session, or why not. The next page has no query: ESIA's code names the account."""
    try:
        return _taken()
    except SignInExpired:
        return see("access.refused", word="not-signed-in")
    except NoRole:
        return see("access.refused", word="no-role")
    except EsiaError as error:
        log_esia(error)
        return see("access.refused", word="esia-silent")


@access.get("/refused/<word>")
def refused(word: str) -> Response:
    """Why nobody was let in."""
    raise REFUSED.get(word, NothingThere)


def _taken() -> Response:
    """Raises SignInExpired, NoRole, EsiaError."""
    here, now = services(), services().clock()
    session = _waiting()
    session.check_esia_state(request.args.get("state", ""))
    with write(here.engine) as conn:
        sessions.take(conn, session, now)
    person = _person(session)
    return see("access.home") if person is None else _enter(person)


@access.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    here, official = services(), signed_in()
    if not AdminForm().validate():
        raise NotSignedIn
    with write(here.engine) as conn:
        sessions.end(conn, _waiting())
        acts.record(conn, "signed-out", official.id.hex(), here.clock(), by=official.id)
    response = see("access.home")
    response.delete_cookie(sessions.COOKIE, secure=True, httponly=True, samesite="Lax")
    return response


@access.get("/apply")
def apply() -> Response:
    """The empty form."""
    return page("apply.html", form=_application_form(), code=applications.new_code())


@access.post("/apply")
def submit_application() -> Response:
    """Keep the application; the applicant's browser remembers its code."""
    here, form, code = services(), _application_form(), request.form.get("code", "")
    if not form.validate() or len(code) != len(applications.new_code()):
        return page("apply.html", status=422, form=form, code=code or applications.new_code())
    fields = Fields(**{name: getattr(form, name).data for name in Fields.__dataclass_fields__})
    with write(here.engine) as conn:
        applications.make(conn, code, fields, here.clock())
    return _remember(see("access.status"), code)


@access.get("/apply/status")
def status() -> Response:
    """How the application stands; or the question which one."""
    try:
        with read(services().engine) as conn:
            found = applications.by_code(conn, request.cookies.get(APPLICANT, ""))
            official = officials.of_application(conn, found.id)
    except NothingThere:
        return page("code.html", form=CodeForm())
    code = request.cookies[APPLICANT]
    return page("applied.html", application=found, granted=official, code=code, form=ScanForm())


@access.post("/apply/status")
def come_back() -> Response:
    """The applicant gives the code of the application."""
    form = CodeForm()
    code = str(form.code.data or "")
    if form.validate():
        try:
            with read(services().engine) as conn:
                applications.by_code(conn, code)
            return _remember(see("access.status"), code)
        except NothingThere:
            form.code.errors = [say("Заявки с таким кодом нет.", "There is no application with this code.")]
    return page("code.html", status=422, form=form)


@access.get("/apply/paper.pdf")
def print_paper() -> Response:
    """The application on paper, to be signed and stamped."""
    found = _own_application()
    return download(paper(found), f"zayavka-{found.number}.pdf", "application/pdf")


@access.post("/apply/scan")
def upload() -> Response:
    """The signed paper comes back."""
    request.max_content_length = applications.MAX_SCAN_SIZE + 4096
    found, here = _own_application(), services()
    scan = _scan()
    kind = applications.scan_type(scan)
    if kind is None or len(scan) > applications.MAX_SCAN_SIZE:
        form = ScanForm(formdata=None)
        form.scan.errors = [
            say(
                "Выберите файл PDF, JPEG или PNG не больше 10 МБ.",
                "Choose a PDF, JPEG or PNG file of at most 10 MB.",
            )
        ]
        code = request.cookies[APPLICANT]
        return page("applied.html", status=422, application=found, granted=None, code=code, form=form)
    with write(here.engine) as conn:
        applications.attach(conn, found, scan, kind)
        acts.record(conn, "application-scanned", found.number, here.clock(), by=None)
    return see("access.status")


@access.get("/<path:_>")
def nowhere(_: str) -> Response:
    """An address of the office that there is not."""
    raise NothingThere


@access.get("/stored")
def stored() -> Response:
    """What is kept of officials, why and until when."""
    return page("stored.html", days=services().settings.officials_kept_days)


def _scan() -> bytes:
    """The file that was sent; nothing where it is far too large."""
    try:
        file = request.files.get("scan")
    except RequestEntityTooLarge:
        return b""
    return file.read(applications.MAX_SCAN_SIZE + 1) if file else b""


def _waiting() -> BrowserSession:
    return BrowserSession.parse(request.cookies.get(sessions.COOKIE, ""))


def _person(session: BrowserSession) -> bytes | None:
    """The keyed hash of who signed in; None if they thought better of it. Raises EsiaError, NoRole."""
    here, answer = services(), request.args
    if "error" in answer:
        refused = errors.refusal(answer.get("error_description"))
        if refused.code == errors.CANCELLED:
            return None
        raise NoRole if refused.code == errors.NOT_CONFIRMED else refused
    person = here.admin_esia.person(here.admin_esia.exchange(answer.get("code", ""), session.esia_verifier))
    if not person.confirmed or person.status != "REGISTERED":
        raise NoRole
    return here.keys.official(person.snils)


def _enter(person: bytes) -> Response:
    here, now, session = services(), services().clock(), new_session()
    with write(here.engine) as conn:
        official = officials.acting(conn, person, now)
        if official is None:
            raise NoRole
        sessions.open_for(conn, session, person, now)
        acts.record(conn, "signed-in", official.id.hex(), now, by=official.id)
    response = see("polls.listed")
    set_cookie(response, session, seconds=int(sessions.LONGEST.total_seconds()), name=sessions.COOKIE)
    return response


def _application_form() -> ApplicationForm:
    today = _today()
    choices = [(found.code, found.name) for found in municipalities(today)]
    return ApplicationForm(choices, today, meta={"locales": [language()]})


def _today() -> date:
    return services().clock().astimezone(ALTAI).date()


def _own_application() -> Application:
    with read(services().engine) as conn:
        return applications.by_code(conn, request.cookies.get(APPLICANT, ""))


def _remember(response: Response, code: str) -> Response:
    response.set_cookie(
        APPLICANT, code, max_age=APPLICANT_SECONDS, path="/", secure=True, httponly=True, samesite="Strict"
    )
    return response
