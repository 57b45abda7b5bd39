"""What people type and paste, without the marks that nobody sees and a manifest may not hold."""

from typing import Final

_MARKS: Final = {
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),
    **dict.fromkeys(map(ord, "\t"), " "),
    **dict.fromkeys(map(ord, "\v\f\r\u2028\u2029"), "\n"),
}
"""Soft hyphens, joiners and spaces of no width mean nothing; the others are what word processors have for a
space and for a new line."""


def cleaned(value: object) -> str:
    """The text of a field; empty for none."""
    return str(value or "").replace("\r\n", "\n").translate(_MARKS).strip()
