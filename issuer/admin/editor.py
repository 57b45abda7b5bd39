"""From what an administrator typed to a draft of `issuer.draft`, with a sentence for every mistake."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import ValidationError

from crypto import hpke
from crypto.errors import InvalidKey
from issuer.admin.typed import cleaned
from issuer.admin.words import plural, say
from issuer.draft import Draft
from issuer.settings import Settings
from shared.clock import ALTAI
from shared.encoding import EncodingRefused, from_b64u, parse_json
from shared.manifest import MAX_SCORE, Sealing

_DIGITS: Final = re.compile("[0-9]{1,12}")
_YEARS: Final = range(2020, 2200)

Mistakes = dict[str, str]
"""Names of fields, as the form has them, with the sentence for each. The empty name is the whole."""

EARLY_DAYS: Final = 10
"""How long before its opening a poll should be announced."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that can be published, or what is wrong."""

    draft: Draft | None
    mistakes: Mistakes


def check(content: Mapping[str, Any], settings: Settings, now: datetime) -> Checked:
    """Read what was typed."""
    reading = _Reading(content)
    members = reading.members(now) | {
        "batch": {"floor": settings.batch_floor, "longest_wait": settings.batch_longest_wait},
        "include_by_seconds": settings.include_by_seconds,
    }
    if reading.mistakes:
        return Checked(None, reading.mistakes)
    try:
        return Checked(Draft.model_validate(members), {})
    except ValidationError as error:
        return Checked(None, _foreseen_by_nobody(error))


_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "title_ru": ("Название", "Title"),
    "title_en": ("Название по-английски", "Title in English"),
    "description_ru": ("Пояснение", "Explanation"),
    "description_en": ("Пояснение по-английски", "Explanation in English"),
    "text_ru": ("формулировка", "wording"),
    "text_en": ("формулировка по-английски", "wording in English"),
    "options_ru": ("варианты", "options"),
    "options_en": ("варианты по-английски", "options in English"),
    "kind": ("как отвечают", "how it is answered"),
    "min": ("не меньше", "at least"),
    "max": ("не больше", "at most"),
    "territory": ("Кто может голосовать", "Who may vote"),
    "minimum_age": ("Возраст", "Age"),
    "opens_at": ("Начало голосования", "It opens"),
    "closes_at": ("Окончание", "It closes"),
    "issuance_opens_at": ("Начало выдачи бюллетеней", "Ballots are given out from"),
    "ceremony": ("Открытая часть ключа", "Public part of the key"),
    "minimum_participants": ("Наименьшее число участников", "Least number of participants"),
    "population": ("Сколько жителей может голосовать", "How many residents may vote"),
    "population_source": ("Откуда это число", "Where this number is from"),
    "dispute_days": ("Дней на жалобы", "Days for complaints"),
    "legal_basis": ("Основание", "Legal basis"),
    "contact": ("Куда обращаться", "Contact"),
}


def with_labels(mistakes: Mistakes) -> Mistakes:
    """The same in the form's order, with the field's label before each sentence: for the top of a page."""
    return {field: f"{_label(field)}{mistakes[field]}" for field in sorted(mistakes, key=_place)}


def _place(field: str) -> tuple[int, int, int]:
    """Where a field stands in the form: a question's fields beside each other."""
    where, _, name = field.rpartition("-")
    label = list(_LABELS).index(name) if name in _LABELS else len(_LABELS)
    if where.startswith("questions-"):
        return list(_LABELS).index("text_ru"), int(where[10:]), label
    return label, 0, 0


def _label(field: str) -> str:
    where, _, name = field.rpartition("-")
    if name not in _LABELS:
        return ""
    label = say(*_LABELS[name])
    if where.startswith("questions-"):
        return say(f"Вопрос {int(where[10:]) + 1}, {label}: ", f"Question {int(where[10:]) + 1}, {label}: ")
    return f"{label}: "


def late_notice(opens_at: datetime, now: datetime) -> str | None:
    """The warning that a poll is announced late, if it is."""
    left = (opens_at - now).days
    if left >= EARLY_DAYS:
        return None
    days = plural(max(left, 0), "день", "дня", "дней")
    return say(
        f"До начала меньше {EARLY_DAYS} дней (осталось {max(left, 0)} {days}). "
        "Жители могут не успеть узнать о голосовании.",
        f"The opening is less than {EARLY_DAYS} days away. Residents may not hear of it in time.",
    )


def typed_time(moment: datetime) -> str:
    """A time as the form's inputs hold it."""
    return moment.astimezone(ALTAI).replace(tzinfo=None).isoformat(timespec="minutes")


class _Reading:
    """One pass over the fields, collecting mistakes."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.english = bool(content.get("english"))
        self.mistakes: Mistakes = {}

    def members(self, now: datetime) -> dict[str, Any]:
        """The members of a draft; those with mistakes are missing or empty."""
        content = self.content
        questions = [
            self._question(number, question) for number, question in enumerate(content.get("questions") or [])
        ]
        return {
            "title": self._text("title", most=200),
            "description": self._text("description", most=10_000),
            "languages": ["ru", "en"] if self.english else ["ru"],
            "questions": questions,
            "territory": self._territory(),
            "residency": content.get("residency"),
            "minimum_age": self._number("minimum_age", 14, 120),
            **self._times(now),
            "revoting": bool(content.get("revoting")),
            "sealing": self._sealing(),
            "minimum_participants": self._number("minimum_participants", 0, 10_000_000),
            "eligible_population": self._population(),
            "dispute_days": self._number("dispute_days", 0, 3650),
            "contact": self._line("contact"),
            "legal_basis": self._line("legal_basis"),
        }

    def _question(self, number: int, question: Mapping[str, Any]) -> dict[str, Any]:
        at = f"questions-{number}-"
        text = self._text("text", most=2000, at=at, source=question)
        options = self._options(question, at)
        kind = question.get("kind")
        low, high = (0, MAX_SCORE) if kind == "score" else (1, 100)
        single = kind == "single"
        least = 1 if single else self._number("min", low, high, at=at, source=question)
        most = 1 if single else self._number("max", 1, high, at=at, source=question)
        if f"{at}min" not in self.mistakes and f"{at}max" not in self.mistakes:
            self._check_limits(at, least, most, None if kind == "score" else len(options))
        return {
            "id": f"q{number + 1}",
            "kind": question.get("kind"),
            "text": text,
            "options": options,
            "min": least,
            "max": most,
            "abstention": bool(question.get("abstention")),
        }

    def _check_limits(self, at: str, least: int, most: int, options: int | None) -> None:
        """`options` is None for a scale, which has two different ends."""
        if least > most or (options is None and least == most):
            self._mistake(f"{at}max", "Наибольшее число меньше наименьшего.", "The most is below the least.")
        elif options is not None and f"{at}options_ru" not in self.mistakes and most > options:
            self._mistake(f"{at}max", f"Вариантов всего {options}.", f"There are only {options} options.")

    def _options(self, question: Mapping[str, Any], at: str) -> list[dict[str, Any]]:
        russian, english = _lines(question.get("options_ru")), _lines(question.get("options_en"))
        if len(russian) < 2:
            self._mistake(
                f"{at}options_ru",
                "Нужно хотя бы два варианта, каждый с новой строки.",
                "Give at least two options, each on a line of its own.",
            )
        if len(set(russian)) != len(russian):
            self._mistake(f"{at}options_ru", "Два варианта одинаковы.", "Two options are the same.")
        if len(russian) > 100:
            self._mistake(f"{at}options_ru", "Не больше 100 вариантов.", "At most 100 options.")
        if not self.english:
            return [{"id": f"o{place}", "text": {"ru": text}} for place, text in enumerate(russian, 1)]
        if len(english) != len(russian):
            self._mistake(
                f"{at}options_en",
                f"По-русски вариантов {len(russian)}, по-английски {len(english)}.",
                f"There are {len(russian)} options in Russian and {len(english)} in English.",
            )
        pairs = zip(russian, english, strict=False)
        return [{"id": f"o{place}", "text": {"ru": ru, "en": en}} for place, (ru, en) in enumerate(pairs, 1)]

    def _text(
        self, name: str, *, most: int, at: str = "", source: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        texts = {}
        for code in ("ru", "en") if self.english else ("ru",):
            field = f"{name}_{code}"
            text = cleaned((source or self.content).get(field))
            texts[code] = text
            if not text:
                self._mistake(f"{at}{field}", "Заполните это поле.", "Fill in this field.")
            elif len(text) > most:
                self._mistake(f"{at}{field}", f"Не больше {most} знаков.", f"At most {most} characters.")
        return texts

    def _line(self, name: str) -> str:
        text = " ".join(cleaned(self.content.get(name)).split())
        if not text:
            self._mistake(name, "Заполните это поле.", "Fill in this field.")
        elif len(text) > 1000:
            self._mistake(name, "Не больше 1000 знаков.", "At most 1000 characters.")
        return text

    def _territory(self) -> list[str]:
        codes = sorted(set(self.content.get("territory") or []))
        if not codes:
            self._mistake(
                "territory", "Выберите хотя бы одно муниципальное образование.", "Choose a municipality."
            )
        return codes

    def _number(
        self, name: str, least: int, most: int, *, at: str = "", source: Mapping[str, Any] | None = None
    ) -> int:
        text = cleaned((source or self.content).get(name)).replace(" ", "").replace("\u00a0", "")
        if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
            self._mistake(
                f"{at}{name}",
                f"Укажите целое число от {least} до {most}.",
                f"Give a whole number from {least} to {most}.",
            )
            return 0
        return int(text)

    def _sealing(self) -> Sealing | Literal["automatic"] | None:
        """What the ceremony wrote is pasted as it is, and told apart from anything else."""
        chosen = self.content.get("sealing")
        if chosen != "trustees":
            return "automatic" if chosen == "automatic" else None
        try:
            sealing = Sealing.model_validate(parse_json(cleaned(self.content.get("ceremony")).encode()))
            hpke.check_public_key(from_b64u(sealing.public_key))
            if sealing.custodian == "trustees":
                return sealing
        except (EncodingRefused, InvalidKey, ValidationError):
            pass
        self._mistake(
            "ceremony",
            "Вставьте целиком то, что записала команда veche-trustee ceremony.",
            "Paste all that the command veche-trustee ceremony wrote.",
        )
        return None

    def _population(self) -> dict[str, Any] | None:
        if not cleaned(self.content.get("population")) and not cleaned(self.content.get("population_source")):
            return None
        return {
            "number": self._number("population", 1, 10_000_000),
            "source": self._line("population_source"),
        }

    def _times(self, now: datetime) -> dict[str, datetime | None]:
        opens, closes = self._moment("opens_at"), self._moment("closes_at")
        early = self._moment("issuance_opens_at") if cleaned(self.content.get("issuance_opens_at")) else opens
        if opens and closes and closes <= opens:
            self._mistake("closes_at", "Окончание раньше начала.", "It closes before it opens.")
        if closes and closes <= now:
            self._mistake("closes_at", "Это время уже прошло.", "This time is past.")
        if early and opens and early > opens:
            self._mistake(
                "issuance_opens_at",
                "Выдача бюллетеней не может начаться позже голосования.",
                "Ballots cannot be given out later than the poll opens.",
            )
        return {"issuance_opens_at": early, "opens_at": opens, "closes_at": closes}

    def _moment(self, name: str) -> datetime | None:
        try:
            typed = datetime.fromisoformat(cleaned(self.content.get(name)))
        except ValueError:
            typed = None
        if typed is None or typed.tzinfo is not None or typed.year not in _YEARS:
            self._mistake(name, "Укажите дату и время.", "Give a date and a time.")
            return None
        return typed.replace(tzinfo=ALTAI, microsecond=0)

    def _mistake(self, field: str, ru: str, en: str) -> None:
        self.mistakes.setdefault(field, say(ru, en))


def default_content(territory: list[str], now: datetime) -> dict[str, Any]:
    """What a new draft begins with: a fortnight of notice, ten days of voting."""
    morning = now.astimezone(ALTAI).replace(hour=8, minute=0, second=0, microsecond=0)
    opens = morning + timedelta(days=14)
    return {
        "territory": territory,
        "opens_at": typed_time(opens),
        "closes_at": typed_time((opens + timedelta(days=10)).replace(hour=20)),
    }


def _lines(value: object) -> list[str]:
    return [line.strip() for line in cleaned(value).split("\n") if line.strip()]


def _foreseen_by_nobody(error: ValidationError) -> Mistakes:
    """What the protocol's own rules found, at the field it belongs to as well as can be told."""
    found: Mistakes = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = [str(part) for part in fault["loc"]]
        field = f"questions-{place[1]}-text_ru" if place[:1] == ["questions"] and len(place) > 1 else ""
        if place[:1] and place[0] in ("title", "description"):
            field = f"{place[0]}_ru"
        text = fault["msg"].removeprefix("Value error, ")
        found.setdefault(field, say(f"Не подходит: {text}", f"Not accepted: {text}"))
    return found
