"""Answers compressed for those who take gzip (RFC 9110, 8.4): public bytes, whose length tells nothing."""

import gzip
from typing import Final

from flask import Response, request

_LEVEL: Final = 6


def compressed(answer: Response) -> Response:
    """The same answer, gzip-encoded where the request allows it; caches keep both apart."""
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.set_data(gzip.compress(answer.get_data(), _LEVEL, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
