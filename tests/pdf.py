"""What a PDF of ours says of itself, read from its bytes."""

import re
import zlib
from pathlib import Path


def unpacked(document: bytes) -> bytes:
    """The document with its compressed streams appended in plain."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    plain = [document]
    for stream in streams:
        try:
            plain.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(plain)


def check_accessible(document: bytes, *, title: str, language: str = "ru") -> None:
    """Check for what PDF/UA-1 (ISO 14289-1) asks of every document, as far as bytes tell it.

    Conformity mark, tags, language, a title that is shown, alternative texts for figures, embedded fonts.
    """
    plain = unpacked(document)
    for needed in (rb"pdfuaid:part", rb"/Marked true", rb"/StructTreeRoot", rb"/DisplayDocTitle true"):
        assert needed in plain, needed
    assert re.search(rb"/Lang ?\(%s\)" % language.encode(), plain)
    assert title.encode() in plain, "the title stands in the XMP metadata"
    figures = [element for element in plain.split(b"/Type /StructElem") if b"/S /Figure" in element]
    assert all(b"/Alt" in figure for figure in figures)
    fonts = plain.count(b"/Type /FontDescriptor")
    assert fonts > 0
    assert fonts == len(re.findall(rb"/FontFile[23]? \d", plain))
    assert b"PT-Sans" in plain
    assert b"DejaVu" not in plain


def page_count(document: bytes) -> int:
    """How many pages it has."""
    return len(re.findall(rb"/Type /Page\b(?!s)", unpacked(document)))


def keep(document: bytes, name: str) -> None:
    """Keep it beside the screenshots, to be looked at."""
    folder = Path(__file__).parents[1] / "var" / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(document)
