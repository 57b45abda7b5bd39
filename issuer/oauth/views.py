"""What the sign-in pages show: values for the templates, no rule and no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel.dates import format_datetime
from babel.units import format_unit
from sqlalchemy import Connection

from issuer.oauth.decisions import has_token
from issuer.oauth.messages import ADVICE, MESSAGES
from issuer.oauth.store import Decision, Language, SignIn
from issuer.polls import known_poll
from shared.clock import ALTAI
from shared.manifest import Poll
from shared.refusals import PollUnknown
from shared.web.problems import PROBLEMS

_TIME: Final[Mapping[Language, str]] = {
    "ru": "d MMMM y\u00a0'г.', HH:mm\u00a0'(МСК+4)'",
    "en": "d MMMM y, HH:mm\u00a0'(UTC+7)'",
}
_BY_SLUG: Final = {kind.slug: problem for kind, problem in PROBLEMS.items()}


@dataclass(frozen=True, slots=True)
class PollView:
    """One poll of a list; `poll_id` in hex."""

    poll_id: str
    title: str
    territory: str
    until: str
    already: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class RefusalView:
    """Why not, and what to do: both in one `sentence`, or at length in `why` and `steps`."""

    slug: str
    title: str
    sentence: str
    why: str
    steps: tuple[str, ...]
    poll: PollView | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The page on which the resident chooses."""

    wanted: tuple[PollView, ...]
    others: tuple[PollView, ...]
    refused: tuple[RefusalView, ...]


def choice(
    conn: Connection, wanted: SignIn, decisions: Mapping[bytes, Decision], language: Language
) -> Choice:
    """The wanted polls in the client's order, ticked; then the other ones, by id."""
    asked = [decisions[poll_id] for poll_id in wanted.polls if poll_id in decisions]
    others = [made for made in decisions.values() if made.poll_id not in wanted.polls and made.pseudonym]
    return Choice(
        wanted=tuple(_open(conn, made, language, chosen=True) for made in asked if made.pseudonym),
        others=tuple(_open(conn, made, language, chosen=False) for made in others),
        refused=tuple(_refused(conn, made, language) for made in asked if made.refusal),
    )


def refusal_view(slug: str, language: Language, poll: Poll | None = None) -> RefusalView:
    """A refusal in words, for a poll where there is one."""
    problem, advice = _BY_SLUG[slug], ADVICE[language].get(slug)
    sentence = problem.en if language == "en" else problem.ru
    if advice is None:
        return RefusalView(slug, MESSAGES[language]["failed_title"], sentence, sentence, (), None)
    facts = {} if poll is None else _facts(poll, language)
    return RefusalView(
        slug=slug,
        title=advice.title,
        sentence=sentence,
        why=_filled(advice.why, facts) or sentence,
        steps=tuple(filter(None, (_filled(step, facts) for step in advice.steps))),
        poll=poll_view(poll, language) if poll else None,
    )


def poll_view(poll: Poll, language: Language, *, already: bool = False, chosen: bool = False) -> PollView:
    """A poll in words; Russian where it has no English."""
    manifest = poll.manifest
    return PollView(
        poll_id=poll.poll_id.hex(),
        title=manifest.title.get(language) or manifest.title["ru"],
        territory=", ".join(place.name for place in manifest.territory),
        until=MESSAGES[language]["until"].format(time=format_time_for_people(manifest.closes_at, language)),
        already=already,
        chosen=chosen,
    )


def format_time_for_people(moment: datetime, language: Language) -> str:
    """Like «23 ноября 2026 г., 14:00 (МСК+4)»: the time of the region."""
    return format_datetime(moment.astimezone(ALTAI), _TIME[language], locale=language)


def _open(conn: Connection, made: Decision, language: Language, *, chosen: bool) -> PollView:
    poll = known_poll(conn, made.poll_id)
    return poll_view(poll, language, already=has_token(conn, made), chosen=chosen)


def _refused(conn: Connection, made: Decision, language: Language) -> RefusalView:
    try:
        poll = known_poll(conn, made.poll_id)
    except PollUnknown:
        poll = None
    return refusal_view(made.refusal or "", language, poll)


def _facts(poll: Poll, language: Language) -> Mapping[str, str]:
    manifest = poll.manifest
    return {
        "age": format_unit(manifest.minimum_age, "year", locale=language),
        "contact": manifest.contact,
        "territory": ", ".join(place.name for place in manifest.territory),
    }


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with what the poll says put in; empty if it needs a poll and there is none."""
    return text.format(**facts) if facts or "{" not in text else ""
