"""The application on paper (ЗАЯВКА), in the order of the region's own form, for signature and stamp."""

from datetime import date
from importlib.resources import files
from typing import Final

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined

from issuer.admin.applications import Application
from issuer.admin.words import printed_snils
from issuer.pdf import FAMILY, render_pdf

_PAGES: Final = Environment(
    loader=PackageLoader("issuer.admin"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)

_FIRST_WORD: Final = "Администрация "
"""The form prints it before the line that is filled in."""


def paper(application: Application) -> bytes:
    """The tagged PDF, one A4 page unless fields are very long; its metadata name nobody.

    Raises Unavailable where Pango is missing.
    """
    fields = application.fields
    template = _PAGES.get_template("admin/paper.html")
    html = template.render(
        number=application.number,
        fields=fields,
        first_word=_FIRST_WORD if fields.administration.startswith(_FIRST_WORD) else "",
        organisation=fields.administration.removeprefix(_FIRST_WORD),
        birth_date=_day(fields.birth_date),
        snils=printed_snils(fields.snils),
        starts_on=_day(fields.starts_on),
        ends_on=_day(fields.ends_on),
    )
    css = (files(__package__) / "static" / "paper.css").read_text("utf-8").replace("FAMILY", FAMILY)
    return render_pdf(html, css)


def _day(text: str) -> str:
    """Like «23 ноября 2026 г.»."""
    return format_date(date.fromisoformat(text), "d MMMM y 'г.'", locale="ru").replace(" ", "\u00a0")
