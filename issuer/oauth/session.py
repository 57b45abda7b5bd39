"""The browser's side of a sign-in: one secret in a `__Host-` cookie, from which all else is derived.

The database knows the secret by its hash alone, so that it holds nothing to take over a sign-in with.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from flask import Response

from shared.encoding import EncodingRefused, b64u, from_b64u
from shared.refusals import SignInExpired

COOKIE: Final = "__Host-veche-sign-in"
SECRET_SIZE: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class BrowserSession:
    """`secret`: 32 random bytes."""

    secret: bytes

    @classmethod
    def parse(cls, cookie: str) -> Self:
        """The session of a cookie's value. Raises SignInExpired."""
        try:
            return cls(from_b64u(cookie, size=SECRET_SIZE))
        except EncodingRefused:
            raise SignInExpired from None

    @property
    def id(self) -> bytes:
        """The database's name of the session, 32 bytes."""
        return hashlib.sha256(self.secret).digest()

    @property
    def esia_state(self) -> UUID:
        """The `state` that ESIA must bring back to this browser."""
        return UUID(bytes=self._derived("esia state")[:16], version=4)

    @property
    def esia_verifier(self) -> str:
        """The PKCE verifier for ESIA, 43 characters: a code for another browser is of no use here."""
        return b64u(self._derived("esia verifier"))

    @property
    def form_token(self) -> str:
        """What our own forms carry, so that no other site can send them."""
        return b64u(self._derived("form"))

    @property
    def code(self) -> str:
        """The authorization code that this session ends with; the same for a form sent twice."""
        return b64u(self._derived("code"))

    def check_esia_state(self, given: str) -> None:
        """Raises SignInExpired unless ESIA's answer belongs to this browser."""
        if not hmac.compare_digest(str(self.esia_state).encode(), given.encode("utf-8", "replace")):
            raise SignInExpired

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self.secret, purpose.encode("ascii"), hashlib.sha256)


def set_cookie(response: Response, session: BrowserSession, *, seconds: int, name: str = COOKIE) -> None:
    """Give the browser this session; `Lax`, for ESIA sends the browser back from another site."""
    response.set_cookie(
        name, b64u(session.secret), max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax"
    )
