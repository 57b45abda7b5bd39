"""Forms: what may be typed, and the sentence for each mistake. Labels stand in the templates."""

import hmac
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from flask import g
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.csrf.core import CSRF
from wtforms.form import BaseForm
from wtforms.validators import StopValidation, ValidationError

from issuer.admin.typed import cleaned
from issuer.admin.words import say
from issuer.esia.errors import EsiaAnswerInvalid
from issuer.esia.person import parse_snils
from shared.manifest import visible

Check = Callable[[Form, Field], None]

_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")
_YEARS: Final = range(1900, 2200)
OLDEST: Final = 120


class SessionCsrf(CSRF):
    """The token of a form is derived from the session, so that no other site can send it."""

    def generate_csrf_token(self, csrf_token_field: Field) -> str:  # noqa: ARG002
        """The session's, or nothing where nobody is signed in."""
        return str(g.get("form_token", ""))

    def validate_csrf_token(self, form: BaseForm, field: Field) -> None:  # noqa: ARG002
        """Raises ValidationError."""
        expected = str(g.get("form_token", "")).encode()
        if not expected or not hmac.compare_digest(
            expected, str(field.data or "").encode("utf-8", "replace")
        ):
            raise ValidationError(
                say("Форма устарела. Отправьте её ещё раз.", "The form has expired. Send it again.")
            )


class AdminForm(FlaskForm):
    """A form of somebody who is signed in."""

    class Meta:
        csrf = True
        csrf_class = SessionCsrf
        csrf_context = None
        csrf_field_name = "form_token"


class OpenForm(FlaskForm):
    """A form that anybody may send: it has no authority that another site could borrow."""

    class Meta:
        csrf = False


def filled(least: int, most: int) -> Check:
    """Not empty, not too short, not too long, and nothing in it that nobody sees."""

    def check(_form: Form, field: Field) -> None:
        field.data = text = cleaned(field.data)
        if not text:
            raise StopValidation(say("Заполните это поле.", "Fill in this field."))
        if len(text) < least:
            raise StopValidation(say("Слишком коротко.", "This is too short."))
        if len(text) > most:
            raise StopValidation(say(f"Не больше {most} знаков.", f"At most {most} characters."))
        try:
            visible(text, newlines=True)
        except ValueError:
            raise StopValidation(
                say(
                    "В тексте есть знак, которого не видно. Наберите это место заново.",
                    "The text holds a character that cannot be seen. Type that place anew.",
                )
            ) from None

    return check


def day_field(_form: Form, field: Field) -> None:
    """A date of a date input, in years that somebody alive may mean."""
    try:
        sensible = date.fromisoformat(field.data or "").year in _YEARS
    except ValueError:
        sensible = False
    if not sensible:
        raise StopValidation(say("Укажите дату.", "Give a date."))


class PlainForm(AdminForm):
    """A button."""


class ReasonForm(AdminForm):
    """A button with the public reason for it."""

    reason = TextAreaField(validators=[filled(3, 2000)])


class StatementForm(AdminForm):
    """What is said of a poll, in each of its languages."""

    text_ru = TextAreaField(validators=[filled(3, 10_000)])
    text_en = TextAreaField()

    def __init__(self, languages: Sequence[str], **values: Any) -> None:
        super().__init__(**values)
        self.languages = languages

    def validate_text_en(self, field: Field) -> None:
        """Needed where the poll has English."""
        if "en" in self.languages:
            filled(3, 10_000)(self, field)

    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {code: str(self[f"text_{code}"].data) for code in self.languages}


class UntilForm(AdminForm):
    """A new end of a period."""

    ends_on = StringField(validators=[day_field])


class ApplicationForm(OpenForm):
    """The fields of the region's paper (see `issuer.admin.applications.Fields`)."""

    oktmo = StringField()
    administration = StringField(validators=[filled(5, 300)])
    full_name = StringField(validators=[filled(3, 200)])
    position = StringField(validators=[filled(2, 300)])
    birth_date = StringField(validators=[day_field])
    snils = StringField(validators=[filled(11, 20)])
    confirmed = BooleanField()
    email = StringField(validators=[filled(5, 200)])
    phone = StringField(validators=[filled(5, 26)])
    starts_on = StringField(validators=[day_field])
    ends_on = StringField(validators=[day_field])
    head_position = StringField(validators=[filled(2, 300)])
    head_name = StringField(validators=[filled(3, 200)])

    def __init__(self, municipalities: Sequence[tuple[str, str]], today: date, **values: Any) -> None:
        super().__init__(**values)
        self.today = today
        self.municipalities = municipalities

    def validate_oktmo(self, field: Field) -> None:
        """One of the list."""
        if field.data not in dict(self.municipalities):
            raise ValidationError(say("Выберите муниципальное образование.", "Choose a municipality."))

    def validate_snils(self, field: Field) -> None:
        """Eleven digits with the right check number."""
        try:
            field.data = parse_snils(field.data)
        except EsiaAnswerInvalid:
            raise ValidationError(
                say(
                    "Проверьте СНИЛС: нужно 11 цифр, и контрольное число должно сойтись.",
                    "Check the SNILS: 11 digits with the right check number.",
                )
            ) from None

    def validate_birth_date(self, field: Field) -> None:
        """Of a grown-up."""
        years = self.today.year - date.fromisoformat(field.data).year
        if not 18 <= years <= OLDEST:
            raise ValidationError(say("Проверьте дату рождения.", "Check the date of birth."))

    def validate_confirmed(self, field: Field) -> None:
        """Without it nobody could sign in."""
        if not field.data:
            raise ValidationError(
                say(
                    "Без подтверждённой учётной записи войти нельзя. Сначала подтвердите её.",
                    "Nobody can sign in without a confirmed account. Confirm it first.",
                )
            )

    def validate_email(self, field: Field) -> None:
        """Looks like an address."""
        if not _MAIL.fullmatch(field.data):
            raise ValidationError(say("Проверьте адрес почты.", "Check the e-mail address."))

    def validate_phone(self, field: Field) -> None:
        """Looks like a telephone number."""
        if not _PHONE.fullmatch(field.data):
            raise ValidationError(say("Проверьте номер телефона.", "Check the telephone number."))

    def validate_ends_on(self, field: Field) -> None:
        """After the start, not in the past, at most three years."""
        try:
            start = date.fromisoformat(self.starts_on.data or "")
        except ValueError:
            return
        end = date.fromisoformat(field.data)
        if end < start or end < self.today:
            raise ValidationError(
                say("Конец срока раньше начала или уже прошёл.", "The end is before the start, or past.")
            )
        if (end - start).days > 3 * 366:
            raise ValidationError(say("Срок — не больше трёх лет.", "At most three years."))


class CodeForm(OpenForm):
    """The applicant comes back."""

    code = StringField(validators=[filled(24, 40)])


class ScanForm(OpenForm):
    """The signed paper."""

    scan = FileField()


MAX_QUESTIONS: Final = 20


class QuestionForm(Form):
    """One question as it is typed: options one in a line."""

    kind = StringField(default="single")
    text_ru = TextAreaField()
    text_en = TextAreaField()
    options_ru = TextAreaField()
    options_en = TextAreaField()
    min = StringField(default="1")
    max = StringField(default="1")
    abstention = BooleanField(default=True)


class PollForm(AdminForm):
    """A poll as it is typed. It keeps whatever is there; `issuer.admin.editor` says what is wrong with it."""

    title_ru = StringField()
    title_en = StringField()
    description_ru = TextAreaField()
    description_en = TextAreaField()
    english = BooleanField()
    questions = FieldList(FormField(QuestionForm), min_entries=1, max_entries=MAX_QUESTIONS)
    territory = SelectMultipleField(validate_choice=False)
    residency = StringField(default="declared")
    minimum_age = StringField(default="18")
    issuance_opens_at = StringField()
    opens_at = StringField()
    closes_at = StringField()
    revoting = BooleanField()
    sealing = StringField(default="live")
    ceremony = TextAreaField()
    minimum_participants = StringField(default="0")
    population = StringField()
    population_source = StringField()
    dispute_days = StringField(default="10")
    legal_basis = TextAreaField()
    contact = TextAreaField()

    def content(self) -> dict[str, Any]:
        """What was typed, as it is kept."""
        return {name: value for name, value in self.data.items() if name != "form_token"}
