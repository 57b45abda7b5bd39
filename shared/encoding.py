"""Text forms of bytes, JSON and time: one reading, one writing (docs/protocol.md 1.2 to 1.4)."""

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

_HEX = re.compile(r"[0-9a-f]*")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class EncodingRefused(ValueError):
    """Text or bytes that do not encode back to themselves. The message never repeats the input."""


def b64u(data: bytes) -> str:
    """Encode as base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64u(text: str, *, size: int | None = None) -> bytes:
    """Decode base64url without padding, of exactly `size` bytes if given.

    Raises EncodingRefused unless the text is the one encoding of its bytes.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise EncodingRefused("not base64url") from None
    if b64u(data) != text:
        raise EncodingRefused("not the canonical base64url of its bytes")
    if size is not None and len(data) != size:
        raise EncodingRefused(f"{len(data)} bytes where {size} are due")
    return data


def from_hex(text: str, *, size: int) -> bytes:
    """Decode `size` bytes of lower-case hex. Raises EncodingRefused."""
    if len(text) != 2 * size or not _HEX.fullmatch(text):
        raise EncodingRefused(f"not {size} bytes in lower-case hex")
    return bytes.fromhex(text)


def canonical_json(value: Any) -> bytes:
    """Serialize by RFC 8785. Raises EncodingRefused for what has no canonical form."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        raise EncodingRefused("no canonical JSON form") from None


def parse_canonical(data: bytes) -> Any:
    """Parse JSON that must be its own RFC 8785 form (so: no duplicate names, no spare white space).

    Raises EncodingRefused.
    """
    value = parse_json(data)
    if canonical_json(value) != data:
        raise EncodingRefused("not canonical JSON")
    return value


def parse_json(data: bytes) -> Any:
    """Parse UTF-8 JSON without duplicate names. Raises EncodingRefused."""
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise EncodingRefused("not JSON") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise EncodingRefused("a name stands twice")
    return members


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_no_duplicates)


def format_time(moment: datetime) -> str:
    """Write an aware datetime as RFC 3339 UTC, whole seconds (rounded down)."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_time(text: str) -> datetime:
    """Read RFC 3339 UTC with whole seconds. Raises EncodingRefused."""
    if not _TIME.fullmatch(text):
        raise EncodingRefused("not an RFC 3339 time in UTC with whole seconds")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise EncodingRefused("no such time") from None
