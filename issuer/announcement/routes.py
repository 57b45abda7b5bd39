"""The announcement of a published poll, for everybody."""

from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from issuer import store
from issuer.announcement.content import Announcement, announce
from issuer.announcement.renderings import page, plain_text, poster_of
from issuer.polls import known_poll
from issuer.routes.tokens import read_poll_id
from issuer.services import services
from shared.db import read
from shared.manifest import Language, Poll
from shared.refusals import NotFound
from shared.statements import Statement, parse_statement

announcement = Blueprint(
    "announcement", __name__, static_folder="static", static_url_path="/announcement/static"
)


@announcement.get("/polls/<poll_id>/announcement")
def web_page(poll_id: str) -> Response:
    """The web page."""
    here, poll = services(), _poll(poll_id)
    announced, over = _announced(poll), here.clock() >= poll.manifest.closes_at
    body = page(announced, url_for(".static", filename="announcement.css"), over=over)
    return Response(body, content_type="text/html; charset=utf-8")


@announcement.get("/polls/<poll_id>/announcement.txt")
def text(poll_id: str) -> Response:
    """The text for social networks."""
    return Response(plain_text(_announced(_poll(poll_id))), content_type="text/plain; charset=utf-8")


@announcement.get("/polls/<poll_id>/announcement.pdf")
def pdf(poll_id: str) -> Response:
    """The poster; a cancelled poll has none."""
    poll = _poll(poll_id)
    if _cancellation(poll) is not None:
        raise NotFound
    body = poster_of(poll.manifest_bytes, services().trust.to_bytes(), _language())
    name = f'inline; filename="veche-{poll_id[:8]}.pdf"'
    return Response(body, content_type="application/pdf", headers={"Content-Disposition": name})


@announcement.after_request
def public(response: Response) -> Response:
    """A poll changes but once, when it is cancelled; the page loads its own style and nothing else.

    What is refused now may be there in a moment: nobody keeps a refusal.
    """
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    if response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = "public, max-age=300"
    response.vary.add("Accept-Language")
    return response


def _poll(poll_id: str) -> Poll:
    with read(services().engine) as conn:
        return known_poll(conn, read_poll_id(poll_id))


def _announced(poll: Poll) -> Announcement:
    return announce(poll, services().trust, _language(), cancellation=_cancellation(poll))


def _cancellation(poll: Poll) -> Statement | None:
    with read(services().engine) as conn:
        said = store.find_statement(conn, poll.poll_id, "cancellation")
    return None if said is None else parse_statement("cancellation", said)


def _language() -> Language:
    """As the link says, or the browser; Russian otherwise."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["ru", "en"], "ru")
    return "en" if asked == "en" else "ru"
