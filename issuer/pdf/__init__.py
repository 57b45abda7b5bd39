"""Tagged PDF (PDF/UA-1, ISO 14289-1) of HTML, by WeasyPrint, in the one typeface that we ship: PT Sans.

The fonts are those of the npm package @fontsource/pt-sans 5.3.0 (SIL Open Font License 1.1, fonts/LICENSE).
"""

import base64
from importlib.resources import files
from typing import Final

from shared.logs import log_failure
from shared.refusals import Unavailable

FAMILY: Final = "'PT Sans Cyrillic', 'PT Sans Latin'"
"""Two families, for WeasyPrint does not read `unicode-range`."""

_FACES: Final = (("Cyrillic", 400), ("Cyrillic", 700), ("Latin", 400), ("Latin", 700))


def render_pdf(html: str, css: str) -> bytes:
    """A tagged PDF with its fonts embedded. The HTML names its language and title and is whole in itself.

    Nothing is fetched from files or the network. WeasyPrint is loaded here and not earlier: that takes most
    of a second, which programs that make no PDF should not wait for. Raises Unavailable where the system has
    no Pango (docs/operations.md).
    """
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except OSError as error:
        log_failure("pango-missing", error)
        raise Unavailable from None
    fonts, fetcher = FontConfiguration(), URLFetcher(allowed_protocols=("data",))
    sheet = CSS(string=_faces() + css, font_config=fonts, url_fetcher=fetcher)
    source = HTML(string=html, url_fetcher=fetcher)
    document: bytes = source.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return document


def data_url(media_type: str, data: bytes) -> str:
    """The bytes as a URL (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def _faces() -> str:
    return "".join(
        f"@font-face {{ font-family: 'PT Sans {family}'; font-weight: {weight}; "
        f"src: url({data_url('font/woff', _font(family, weight))}) }}\n"
        for family, weight in _FACES
    )


def _font(family: str, weight: int) -> bytes:
    return (files(__package__) / "fonts" / f"pt-sans-{family.lower()}-{weight}-normal.woff").read_bytes()
