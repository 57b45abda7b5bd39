"""The pages for people: the polls with their public data, and what this is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from urllib.parse import urlencode

from babel.dates import format_datetime
from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Connection

from ballot_box import store
from ballot_box.listing import Listed
from ballot_box.polls import known_poll, published_state
from ballot_box.routes.answers import asked_language, read_poll_id
from ballot_box.routes.messages import MESSAGES
from ballot_box.services import services
from ballot_box.store import StoredPoll
from shared.clock import ALTAI
from shared.db import read
from shared.manifest import Language, Manifest, Sealing
from shared.refusals import PollUnknown
from shared.statements import KINDS, Kind, parse_statement
from shared.territory import REGION
from shared.web.headers import REVALIDATED
from shared.web.openapi import Content, Operation, described

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

pages = Blueprint("pages", __name__)

_TIME: Final[Mapping[Language, str]] = {
    "ru": "d MMMM y\u00a0'г.', HH:mm\u00a0'(МСК+4)'",
    "en": "d MMMM y, HH:mm\u00a0'(UTC+7)'",
}


PAGES: Final = ("about", "how", "observers", "data")
SECTIONS: Final[Mapping[str, str]] = {
    "/": "polls",
    "/archive": "archive",
    "/about": "about",
    "/how": "how",
    "/observers": "observers",
    "/data": "data_page",
}
"""The navigation: a page's path, and its title in the messages."""
SHOWN_CLOSED: Final = 5
"""How many of the polls that are over stand on the front page; the archive has them all."""
ARCHIVE_PAGE: Final = 50
"""How many stand on a page of the archive."""

Group = Literal["open", "coming", "closed"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)


@dataclass(frozen=True, slots=True)
class PollView:
    """One poll of the page; `poll_id` in hex."""

    poll_id: str
    title: str
    territory: str
    when: str
    ballots: int
    log_url: str
    group: Group
    has_result: bool
    sealed: str
    """Who can read the answers before the result; empty when the poll is not sealed, or is over."""
    has_opening: bool
    cancelled: str
    """Why it was cancelled; empty when it was not."""
    decision: str
    """What was decided on its result; empty while nothing was."""
    statements: tuple[Kind, ...]

    @property
    def open(self) -> bool:
        """Whether one can vote now."""
        return self.group == "open"


@pages.get("/")
def front() -> Response:
    """The polls of one municipality, or all: open, coming, and those that ended last."""
    return _polls(GROUPS, SHOWN_CLOSED, 0)


@pages.get("/archive")
def archive() -> Response:
    """The polls that are over, the last to end first, page by page."""
    return _polls(("closed",), ARCHIVE_PAGE, max(1, request.args.get("page", 1, int)))


@pages.get(f"/<any({', '.join(PAGES)}):page>")
def text(page: str) -> Response:
    """About, how it works, for observers, open data."""
    box, language = services(), asked_language()
    return _page(
        "text.html",
        language,
        title=MESSAGES[language][SECTIONS[f"/{page}"]],
        page=page,
        box=box.settings.url,
        fingerprint=box.trust.fingerprint(),
    )


@pages.get("/polls/<poll_id>")
@described(Operation({200: (Content("text/html", {"type": "string"}),)}, (PollUnknown,)))
def one(poll_id: str) -> Response:
    """A poll and its public data, at the address that auditors are given."""
    box, language = services(), asked_language()
    with read(box.engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
        view = _view(conn, poll, language, box.clock())
    parts = {"poll": view, "unfolded": True, "client": box.settings.client, "box": box.settings.url}
    return _page("one.html", language, title=MESSAGES[language]["one"], **parts)


def _polls(groups: tuple[Group, ...], closed: int, page: int) -> Response:
    """The polls in some groups; of those that are over at most so many, as on this page of the archive.

    Page 0 is the one before the archive.
    """
    box, language, place = services(), asked_language(), request.args.get("place", "")
    with read(box.engine) as conn:
        listed = box.listing.all(conn)
        places = {one.oktmo: one.name for poll in listed for one in poll.territory}
        here = {place, REGION} if place in places else set(places)
        held = [poll for poll in listed if here & {one.oktmo for one in poll.territory}]
        found = _grouped(held, store.cancelled_polls(conn), box.clock())
        over, first = found["closed"], closed * max(0, page - 1)
        found["closed"] = over[first : first + closed]
        views = {
            group: [_view(conn, known_poll(conn, one.poll_id), language, box.clock()) for one in found[group]]
            for group in groups
        }
    words = MESSAGES[language]
    return _page(
        "polls.html",
        language,
        title=words[SECTIONS[request.path]],
        lead=words[f"lead_{SECTIONS[request.path]}"],
        groups=[(words[f"group_{group}"], ones) for group, ones in views.items() if ones],
        places=sorted(places.items(), key=lambda found: found[1]),
        place=place,
        client=box.settings.client,
        later=_archive(language, place, page - 1) if page > 1 else "",
        earlier=_archive(language, place, page + 1) if len(over) > first + closed else "",
        earlier_title=words["earlier" if page else "all_closed"],
    )


def _grouped(
    polls: Sequence[Listed], cancelled: Collection[bytes], now: datetime
) -> dict[Group, list[Listed]]:
    """Open by their end, coming by their beginning, those that are over or cancelled from the latest on."""
    groups: dict[Group, list[Listed]] = {group: [] for group in GROUPS}
    for one in polls:
        groups["closed" if one.poll_id in cancelled else _group(one, now)].append(one)
    groups["open"].sort(key=lambda one: one.closes_at)
    groups["coming"].sort(key=lambda one: one.opens_at)
    return groups


def _archive(language: Language, place: str, page: int) -> str:
    return f"/archive?{urlencode({'lang': language, 'place': place, 'page': page})}"


def _page(template: str, language: Language, **parts: Any) -> Response:
    """A page, in Russian unless English is asked for."""
    words = MESSAGES[language]
    query = f"?lang={language}" if "lang" in request.args else ""
    sections = [(path + query, words[name]) for path, name in SECTIONS.items()]
    page = render_template(template, t=words, language=language, sections=sections, **parts)
    headers = {"Content-Language": language, "Content-Security-Policy": POLICY, "Cache-Control": REVALIDATED}
    response = make_response(page, headers)
    response.vary.add("Accept-Language")
    return response


def _view(conn: Connection, poll: StoredPoll, language: Language, now: datetime) -> PollView:
    state = published_state(conn, poll)
    said = {kind: _said(conn, poll, kind, language) for kind in KINDS}
    unread = state.awaits_opening or not state.closed
    return PollView(
        poll_id=poll.poll_id.hex(),
        title=poll.manifest.title.get(language, poll.manifest.title["ru"]),
        territory=", ".join(one.name for one in poll.manifest.territory),
        when="" if said["cancellation"] else _when(poll, language, now),
        ballots=state.ballots,
        log_url=poll.manifest.ballot_box.log_url,
        group="closed" if said["cancellation"] else _group(poll.manifest, now),
        has_result=poll.result is not None,
        sealed=_sealed(poll.manifest.sealing, language, awaits=state.awaits_opening) if unread else "",
        has_opening=poll.manifest.sealing is not None and poll.result is not None,
        cancelled=said["cancellation"],
        decision=said["decision"],
        statements=tuple(kind for kind in KINDS if said[kind]),
    )


def _said(conn: Connection, poll: StoredPoll, kind: Kind, language: Language) -> str:
    """What issuers said of a poll; empty when they did not."""
    said = store.find_statement(conn, poll.poll_id, kind)
    if said is None:
        return ""
    text = parse_statement(kind, said).text
    return text.get(language, text["ru"])


def _sealed(sealing: Sealing | None, language: Language, *, awaits: bool) -> str:
    words = MESSAGES[language]
    if sealing is None:
        return ""
    if sealing.custodian == "automatic":
        return words["sealed_automatic"]
    if awaits:
        return words["awaits_opening"].format(sealing.threshold, len(sealing.trustees))
    names = ", ".join(sealing.trustees).replace(". ", ".\u00a0")
    return words["sealed_trustees"].format(sealing.threshold, len(sealing.trustees), names)


def _group(poll: Listed | Manifest, now: datetime) -> Group:
    if now < poll.opens_at:
        return "coming"
    return "open" if now < poll.closes_at else "closed"


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
