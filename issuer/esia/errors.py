"""What can go wrong between us and ESIA. Messages hold codes and field names, never values that ESIA sent."""

import re
from typing import Final

CANCELLED: Final = "ESIA-007004"
"""The account's owner declined, or ESIA denies the service."""
NOT_CONFIRMED: Final = "ESIA-007055"
"""The account is not confirmed and `person_filter=conf_acc` was asked for."""
BUSY: Final = "ESIA-007008"
UNKNOWN: Final = "ESIA-000000"
"""ESIA refused without a code that we can read."""

_CODE = re.compile(r"ESIA-[0-9]{6}")


class EsiaError(Exception):
    """The base of all below."""


class EsiaRefused(EsiaError):
    """ESIA refused; `code` is like ESIA-007055."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EsiaUnavailable(EsiaError):
    """ESIA did not answer, or said that it cannot now. Trying again later may help."""


class EsiaTokenInvalid(EsiaError):
    """A token of ESIA's does not verify; the message names the check."""


class EsiaAnswerInvalid(EsiaError):
    """ESIA's answer is not what its documentation says; the message names the field."""


class GostKeyInvalid(ValueError):
    """Not a GOST R 34.10-2012 key of 256 bits on the CryptoPro-A curve."""


class GostSignatureInvalid(Exception):
    """A GOST signature does not verify."""


class SignerFailed(EsiaUnavailable):
    """The external signing program failed, took too long, or gave something that is not 64 bytes."""


def refusal(description: object) -> EsiaRefused:
    """The refusal in an `error_description` like `ESIA-007014: The request ...`; only the code is kept."""
    found = _CODE.match(description) if isinstance(description, str) else None
    return EsiaRefused(found[0] if found else UNKNOWN)
