"""What a witness answers when it does not cosign."""

from typing import Final

TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"


class Refused(Exception):
    """No cosignature: HTTP status, body and its type."""

    def __init__(self, status: int, body: str, content_type: str = TEXT) -> None:
        super().__init__(body)
        self.status, self.body, self.content_type = status, body, content_type
