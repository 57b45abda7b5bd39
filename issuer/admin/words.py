"""The language of a page: every sentence is written in Russian and English where it is used."""

from datetime import date, datetime
from typing import Final

from babel.dates import format_date, format_datetime
from flask import g, has_request_context

from shared.clock import ALTAI
from shared.manifest import Language
from shared.web.problems import preferred_language

COOKIE: Final = "__Host-veche-language"
_PATTERNS: Final = {"ru": "d MMMM y\u00a0'г.', HH:mm '(МСК+4)'", "en": "d MMMM y, HH:mm '(UTC+7)'"}
_DAYS: Final = {"ru": "d MMMM y\u00a0'г.'", "en": "d MMMM y"}


def language() -> Language:
    """The language of this request, ru or en."""
    return "en" if has_request_context() and g.get("language") == "en" else "ru"


def choose_language(asked: str, kept: str) -> str:
    """What the address asks for, else what the browser was told before, else what it prefers."""
    for wanted in (asked, kept):
        if wanted in _PATTERNS:
            return wanted
    return preferred_language()


def say(ru: str, en: str) -> str:
    """One of the two."""
    return ru if language() == "ru" else en


def moment(value: datetime) -> str:
    """A time as people of the region read it."""
    return format_datetime(value.astimezone(ALTAI), _PATTERNS[language()], locale=language())


def short(value: datetime) -> str:
    """A time in a table, like 24.11.2026 11:14."""
    return value.astimezone(ALTAI).strftime("%d.%m.%Y %H:%M")


def day(value: datetime) -> str:
    """A date as people of the region read it."""
    return format_date(value.astimezone(ALTAI), _DAYS[language()], locale=language())


def written_day(text: str) -> str:
    """A date of a form, YYYY-MM-DD, the same way."""
    return format_date(date.fromisoformat(text), _DAYS[language()], locale=language())


def plural(number: int, one: str, few: str, many: str) -> str:
    """The Russian form that goes with a number."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    return few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else many


def printed_snils(digits: str) -> str:
    """As it is printed on the card: 123-456-789 01."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]}\u00a0{digits[9:]}"
