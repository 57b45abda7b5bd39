"""What the ballot box could learn from what a browser asks it, beyond the ballots (attacks A4, A36)."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Request

IDENTIFYING: Final = {"authorization", "cookie", "referer"}
"""Headers by which two requests could be told to be of one person."""
_NAMES_NO_LEAF: Final = re.compile(
    r"/(polls(/[0-9a-f]{64}(/[a-z.-]+)?)?|log/(catalogue|[0-9a-f]{32})/[a-z0-9./-]*|static/[a-z.-]+)?"
)


def told_too_much(asked: Sequence[Request], box: str) -> list[str]:
    """Paths of those requests to the box that bear an identity, ask for a leaf, or name two polls."""
    return [
        f"{request.method} {urlsplit(request.url).path}"
        for request in asked
        if request.url.startswith(f"{box}/") and not _is_anybodys(request)
    ]


def _is_anybodys(request: Request) -> bool:
    address = urlsplit(request.url)
    return bool(
        _NAMES_NO_LEAF.fullmatch(address.path)
        and not address.query
        and not any(request.headers.get(name) for name in IDENTIFYING)
        and len(set(re.findall("[0-9a-f]{64}", address.path))) <= 1
    )
