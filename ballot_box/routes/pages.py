"""The one page for people: what this service is, and the way to every poll and its public data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from babel.dates import format_datetime
from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Connection

from ballot_box import store
from ballot_box.polls import published_state
from ballot_box.routes.answers import REVALIDATED
from ballot_box.routes.messages import MESSAGES
from ballot_box.services import services
from ballot_box.store import StoredPoll
from shared.clock import ALTAI
from shared.db import read
from shared.web.problems import preferred_language

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

pages = Blueprint("pages", __name__)

Language = Literal["ru", "en"]

_TIME: Final[Mapping[Language, str]] = {
    "ru": "d MMMM y\u00a0'г.', HH:mm\u00a0'(МСК+4)'",
    "en": "d MMMM y, HH:mm\u00a0'(UTC+7)'",
}


@dataclass(frozen=True, slots=True)
class PollView:
    """One poll of the page; `poll_id` in hex."""

    poll_id: str
    title: str
    when: str
    ballots: int
    log_url: str
    closed: bool
    has_result: bool


@pages.get("/")
def front() -> Response:
    """The page, in Russian unless English is asked for."""
    box, language = services(), _language()
    with read(box.engine) as conn:
        polls = sorted(store.all_polls(conn), key=lambda poll: poll.manifest.closes_at, reverse=True)
        views = [_view(conn, poll, language, box.clock()) for poll in polls]
    page = render_template(
        "polls.html",
        t=MESSAGES[language],
        language=language,
        polls=views,
        client=box.settings.client,
        fingerprint=box.trust.fingerprint(),
    )
    headers = {"Content-Language": language, "Content-Security-Policy": POLICY, "Cache-Control": REVALIDATED}
    response = make_response(page, headers)
    response.vary.add("Accept-Language")
    return response


def _language() -> Language:
    wanted = request.args.get("lang")
    return "en" if wanted == "en" else "ru" if wanted == "ru" else preferred_language()


def _view(conn: Connection, poll: StoredPoll, language: Language, now: datetime) -> PollView:
    state = published_state(conn, poll)
    return PollView(
        poll_id=poll.poll_id.hex(),
        title=poll.manifest.title.get(language, poll.manifest.title["ru"]),
        when=_when(poll, language, now),
        ballots=state.ballots,
        log_url=poll.manifest.ballot_box.log_url,
        closed=now >= poll.manifest.closes_at,
        has_result=poll.result is not None,
    )


def _when(poll: StoredPoll, language: Language, now: datetime) -> str:
    words, manifest = MESSAGES[language], poll.manifest
    if now < manifest.opens_at:
        return words["opens"].format(_time(manifest.opens_at, language))
    if now < manifest.closes_at:
        return words["open"].format(_time(manifest.closes_at, language))
    return words["closed"].format(_time(manifest.closes_at, language))


def _time(moment: datetime, language: Language) -> str:
    """Like «23 ноября 2026 г., 14:00 (МСК+4)»: the time of the region."""
    return format_datetime(moment.astimezone(ALTAI), _TIME[language], locale=language)
