"""Reading the body of a request."""

from flask import request

from shared.refusals import MediaTypeUnsupported, TooLarge


def read_body(media_type: str, limit: int) -> bytes:
    """The body, of at most `limit` bytes; no more than that is read. Raises MediaTypeUnsupported, TooLarge.

    A declared length above the limit is refused before anything is read. A body in chunks declares none, and
    werkzeug cuts it off where it may read no further: one byte more is let in, to see that there is more.
    """
    if request.mimetype != media_type:
        raise MediaTypeUnsupported
    request.max_content_length = limit + 1
    body = request.get_data(cache=False)
    if len(body) > limit:
        raise TooLarge
    return body
