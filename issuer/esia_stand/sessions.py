"""Sign-ins under way, codes and access tokens, in memory. Each code is taken out once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

from issuer.esia_stand.requests import SignInRequest
from issuer.esia_stand.residents import Resident

PAGE_LIFE: Final = timedelta(minutes=10)
CODE_LIFE: Final = timedelta(seconds=240)
TOKEN_LIFE: Final = timedelta(seconds=3600)

Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A resident who chose to sign in at a client."""

    request: SignInRequest
    resident: Resident
    session: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens."""

    resident: Resident
    scopes: frozenset[str]


@dataclass(slots=True)
class Shelf(Generic[Held]):
    """Things that expire, by a secret name. Threads may share it."""

    life: timedelta
    _held: dict[str, tuple[datetime, Held]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def put(self, name: str, thing: Held, now: datetime) -> None:
        """Keep a thing for its life, and forget what has expired."""
        with self._lock:
            self._held = {key: kept for key, kept in self._held.items() if kept[0] > now}
            self._held[name] = (now + self.life, thing)

    def take(self, name: str, now: datetime) -> Held | None:
        """Take a thing out; nobody gets it again."""
        with self._lock:
            expires, thing = self._held.pop(name, (now, None))
        return thing if expires > now else None

    def look(self, name: str, now: datetime) -> Held | None:
        """A thing that stays."""
        with self._lock:
            expires, thing = self._held.get(name, (now, None))
        return thing if expires > now else None


@dataclass(frozen=True, slots=True)
class Sessions:
    """Everything that the stand remembers between requests."""

    pages: Shelf[SignInRequest] = field(default_factory=lambda: Shelf(PAGE_LIFE))
    codes: Shelf[SignIn] = field(default_factory=lambda: Shelf(CODE_LIFE))
    tokens: Shelf[Access] = field(default_factory=lambda: Shelf(TOKEN_LIFE))


def new_name() -> str:
    """A name that cannot be guessed."""
    return secrets.token_urlsafe(24)
