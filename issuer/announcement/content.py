"""What an announcement says of a poll: values for page, text and poster alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from babel.dates import format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit

from issuer.announcement.messages import MESSAGES
from shared.clock import ALTAI
from shared.manifest import Language, Manifest, Poll
from shared.statements import Statement
from shared.trust import TrustRoot

_TIME: Final[Mapping[Language, str]] = {
    "ru": "HH:mm d\u00a0MMMM y\u00a0'г.'",
    "en": "HH:mm, d\u00a0MMMM y",
}
_ZONE: Final[Mapping[Language, str]] = {"ru": "время местное (МСК+4)", "en": "local time (UTC+7)"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its options, in words."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement in one language."""

    language: Language
    t: Mapping[str, str]
    """The fixed words."""
    title: str
    description: tuple[str, ...]
    """Paragraphs."""
    questions: tuple[Question, ...]
    who: tuple[str, ...]
    """The first line names the territory."""
    places: int
    period: str
    trust: tuple[str, ...]
    caveats: tuple[str, ...]
    trustees: str
    """Who opens a sealed poll, by name, and the fingerprint of their key; empty for others."""
    contact: str
    basis: str
    poll_url: str
    poll_id: str
    fingerprint: str
    """SHA-256 of trust.json in hex (docs/protocol.md 2.3)."""
    cancelled: str = ""
    """Why the poll was cancelled; empty while it was not."""

    @property
    def steps(self) -> tuple[str, ...]:
        """How to vote."""
        return self.t["step_open"], self.t["step_sign_in"], self.t["step_answer"]

    @property
    def help(self) -> tuple[str, ...]:
        """For people without a confirmed account."""
        return self.t["help_register"], self.t["help_confirm"], self.t["help_support"]

    @property
    def fingerprint_groups(self) -> tuple[str, ...]:
        """The fingerprint as people compare it: eight digits at a time."""
        return tuple(self.fingerprint[at : at + 8] for at in range(0, len(self.fingerprint), 8))


def announce(
    poll: Poll, trust: TrustRoot, language: Language, *, cancellation: Statement | None = None
) -> Announcement:
    """The announcement of a poll; in Russian what the poll does not have in English."""
    manifest, t = poll.manifest, MESSAGES[language]
    return Announcement(
        language=language,
        t=t,
        title=_in(manifest.title, language),
        description=tuple(line for line in _in(manifest.description, language).split("\n") if line.strip()),
        questions=tuple(
            Question(_in(asked.text, language), tuple(_in(option.text, language) for option in asked.options))
            for asked in manifest.questions
        ),
        who=_who(manifest, language),
        places=len(manifest.territory),
        period=_period(manifest, language),
        trust=tuple(
            t[key] for key in ("trust_once", "trust_secret", "trust_data", "trust_check", "trust_free")
        ),
        caveats=_caveats(manifest, language),
        trustees=_trustees(manifest, language),
        contact=t["contact"].format(contact=manifest.contact),
        basis=t["basis"].format(basis=manifest.legal_basis),
        poll_url=f"{manifest.client}/?poll={poll.poll_id.hex()}",
        poll_id=poll.poll_id.hex(),
        fingerprint=trust.fingerprint(),
        cancelled=_in(cancellation.text, language) if cancellation else "",
    )


def _in(text: Mapping[Any, str], language: Language) -> str:
    return text.get(language) or text["ru"]


def _who(manifest: Manifest, language: Language) -> tuple[str, ...]:
    t = MESSAGES[language]
    territory = ", ".join(place.name for place in manifest.territory)
    return (
        t["territory"].format(territory=territory),
        t["age"].format(age=_years(manifest.minimum_age, language)),
        t["account"],
        t[manifest.residency],
    )


def _years(number: int, language: Language) -> str:
    """In Russian after «не меньше», in the genitive, which CLDR does not give."""
    if language == "en":
        return format_unit(number, "year", locale="en")
    return f"{number}\u00a0{'года' if number % 10 == 1 and number % 100 != 11 else 'лет'}"


def _people(number: int, language: Language) -> str:
    """In Russian after «не менее», in the genitive, too."""
    written, one = format_decimal(number, locale=language), number % 10 == 1 and number % 100 != 11
    if language == "en":
        return f"{written} {'person' if number == 1 else 'people'}"
    return f"{written}\u00a0{'человека' if one else 'человек'}"


def _period(manifest: Manifest, language: Language) -> str:
    opens, closes = (
        format_datetime(moment.astimezone(ALTAI), _TIME[language], locale=language)
        for moment in (manifest.opens_at, manifest.closes_at)
    )
    return f"{MESSAGES[language]['period'].format(opens=opens, closes=closes)}, {_ZONE[language]}"


def _caveats(manifest: Manifest, language: Language) -> tuple[str, ...]:
    t, said = MESSAGES[language], []
    if manifest.minimum_participants:
        said.append(t["minimum"].format(number=_people(manifest.minimum_participants, language)))
    if manifest.sealing:
        sealing = manifest.sealing
        numbers = {"threshold": sealing.threshold, "trustees": len(sealing.trustees)}
        said.append(t[f"sealed_{sealing.custodian}"].format(**numbers))
    if len(manifest.issuers) == 1:
        said.append(t["one_issuer"])
    return tuple(said)


def _trustees(manifest: Manifest, language: Language) -> str:
    sealing = manifest.sealing
    if sealing is None or not sealing.trustees:
        return ""
    names = ", ".join(sealing.trustees)
    return MESSAGES[language]["trustees"].format(names=names, fingerprint=sealing.fingerprint)
