"""OAuth parameters as they came, each once and where it belongs (RFC 6749 section 3)."""

import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from flask import request
from werkzeug.datastructures import MultiDict

from issuer.services import services
from shared.refusals import MalformedRequest

MAX_STATE: Final = 512

_PLAIN = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
_STATE = re.compile(r"[\x20-\x7e]*")


class Payload(OAuth2Payload):
    """The parameters of the query of a GET, of the form of a POST."""

    def __init__(self, values: MultiDict[str, str]) -> None:
        self._values = values

    @property
    def data(self) -> MultiDict[str, str]:
        """All parameters."""
        return self._values

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All values of each."""
        return self._values.to_dict(flat=False)


class CheckedRequest(OAuth2Request):
    """The current request, with the issuer's public address: behind a proxy, Flask does not know it."""

    def __init__(self, values: MultiDict[str, str]) -> None:
        super().__init__(request.method, services().settings.url + request.path, headers=request.headers)
        self.payload = Payload(values)

    @property
    def args(self) -> Any:
        """The parameters, for Authlib."""
        return self.payload.data

    form = args


def checked_request() -> CheckedRequest:
    """The current request's parameters, none twice and all in printable ASCII.

    Authlib repeats some of them in error texts and fails on others' characters. Raises MalformedRequest.
    """
    values = request.form if request.method == "POST" else request.args
    for name, given in values.lists():
        form = _STATE if name == "state" else _PLAIN
        if len(given) != 1 or not _PLAIN.fullmatch(name) or not form.fullmatch(given[0]):
            raise MalformedRequest
    if len(values.get("state", "")) > MAX_STATE:
        raise MalformedRequest
    return CheckedRequest(values)
