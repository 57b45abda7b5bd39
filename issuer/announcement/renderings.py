"""An announcement as a web page, as text for social networks, and as an A4 poster."""

import io
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Final

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from issuer.announcement.content import Announcement, announce
from issuer.pdf import FAMILY, data_url, render_pdf
from shared.manifest import Language, parse_manifest
from shared.trust import parse_trust

POSTER_QUESTIONS: Final = 3
POSTER_LINE: Final = 140
"""Characters of a question, of the organiser and of the legal basis."""
POSTER_PLACES: Final = 4
POSTER_AIRY: Final = 260
"""Characters of title and questions that leave room for large type."""

_PAGES: Final = Environment(
    loader=PackageLoader("issuer.announcement"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(announcement: Announcement, stylesheet: str, *, over: bool = False) -> str:
    """The web page; `stylesheet` is the URL of its CSS, `over` says that the poll is closed."""
    template = _PAGES.get_template("page.html")
    return template.render(a=announcement, t=announcement.t, stylesheet=stylesheet, over=over)


def plain_text(a: Announcement) -> str:
    """The text for social networks: no markup, one line a paragraph."""
    asked = [line for question in a.questions for line in (question.text, *_listed(question.options))]
    parts = (
        [a.t["invitation"], "", f"«{a.title}»" if a.language == "ru" else f"“{a.title}”"],
        ["", f"{a.t['cancelled']} {a.cancelled}"] if a.cancelled else [],
        ["", *a.description],
        ["", f"{a.t['questions']}:", *asked],
        ["", f"{a.t['when']}: {a.period}."],
        ["", f"{a.t['who']}:", *_listed(a.who)],
        [] if a.cancelled else ["", f"{a.t['vote']}: {a.poll_url}"],
        ["", f"{a.t['trust']}:", *_listed(a.trust), *a.caveats, *filter(None, [a.trustees])],
        ["", a.t["help"], *_listed(a.help)],
        ["", a.contact, a.basis],
        ["", f"{a.t['fingerprint']} (SHA-256): {a.fingerprint}"],
    )
    return "\n".join(chain.from_iterable(parts)) + "\n"


def poster(announcement: Announcement) -> bytes:
    """The poster, tagged PDF on one A4 page, with a QR code of the poll's address."""
    asked = tuple(_short(question.text) for question in announcement.questions[:POSTER_QUESTIONS])
    html = _PAGES.get_template("poster.html").render(
        a=announcement,
        t=announcement.t,
        asked=asked,
        who=_poster_who(announcement),
        organiser=f"{_short(announcement.contact)}. {_short(announcement.basis)}",
        density="dense" if len("".join((announcement.title, *asked))) > POSTER_AIRY else "airy",
        qr=data_url("image/svg+xml", qr_svg(announcement.poll_url)),
    )
    css = (files(__package__) / "static" / "poster.css").read_text("utf-8").replace("FAMILY", FAMILY)
    return render_pdf(html, css)


def qr_svg(url: str) -> bytes:
    """A QR code (ISO/IEC 18004) as SVG, with the quiet zone and a quarter of it restorable."""
    svg = io.BytesIO()
    segno.make_qr(url, error="q").save(svg, kind="svg", border=4, xmldecl=False, dark="#000", light="#fff")
    return svg.getvalue()


@lru_cache(maxsize=64)
def poster_of(manifest: bytes, trust: bytes, language: Language) -> bytes:
    """The poster of a manifest's and a trust root's bytes: made once, for it takes a second."""
    return poster(announce(parse_manifest(manifest), parse_trust(trust), language))


def _listed(lines: tuple[str, ...]) -> list[str]:
    return [f"— {line}" for line in lines]


def _poster_who(a: Announcement) -> tuple[str, ...]:
    if a.places <= POSTER_PLACES:
        return a.who
    return a.t["territories"].format(number=a.places), *a.who[1:]


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    if len(one_line) <= POSTER_LINE:
        return one_line
    return one_line[:POSTER_LINE].rsplit(" ", 1)[0] + " …"
