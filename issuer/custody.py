"""Keys at rest: each secret is a JWE (RFC 7516) under a key-encryption key that lies apart from it.

Compact serialization, `dir` with `A256GCM`: 256 bits, a fresh nonce each time. The protected header names
the key-encryption key (`kid`, its RFC 7638 thumbprint) and the secret (`name`, e.g. `polls/<id>/token.der`),
so that one secret cannot be put in the place of another.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.registry import HeaderParameter

from issuer.settings import Settings
from shared.durable import create_durably
from shared.encoding import EncodingRefused, b64u, from_b64u, parse_json

KEK_SIZE: Final = 32

_REGISTRY: Final = jwe.JWERegistry(
    header_registry={"name": HeaderParameter("The secret's name", "str", required=True)},
    algorithms=["dir", "A256GCM"],
)


class KekInvalid(Exception):
    """There is no usable key-encryption key. The message says what to do and holds no key."""


class SecretUnreadable(Exception):
    """A secret that is not wrapped, or by no key-encryption key that we have, or for another name."""


@dataclass(frozen=True, slots=True, repr=False)
class Custody:
    """Key-encryption keys: the first one wraps, each of them unwraps."""

    keks: tuple[OctKey, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read keys of 32 bytes in base64url, one a line (or between spaces). Raises KekInvalid."""
        try:
            keks = tuple(OctKey.import_key(from_b64u(word, size=KEK_SIZE)) for word in text.split())
        except EncodingRefused:
            raise KekInvalid("a key-encryption key is 32 bytes in base64url without padding") from None
        if not keks:
            raise KekInvalid("no key-encryption key is given")
        return cls(keks)

    def wrap(self, name: str, secret: bytes) -> bytes:
        """The secret under the first key, bound to its name."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": self.kid, "name": name}
        return jwe.encrypt_compact(header, secret, self.keks[0], registry=_REGISTRY).encode("ascii")

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The secret of this name. Raises SecretUnreadable."""
        kid = kid_of(wrapped)
        if kid is None:
            raise SecretUnreadable(f"{name} is not wrapped; run veche-issuer keys rewrap")
        kek = next((kek for kek in self.keks if kek.thumbprint() == kid), None)
        if kek is None:
            raise SecretUnreadable(f"{name} is wrapped under another key-encryption key: {kid}")
        try:
            opened = jwe.decrypt_compact(wrapped, kek, registry=_REGISTRY)
        except (JoseError, ValueError):
            raise SecretUnreadable(f"{name} is damaged") from None
        if opened.protected["name"] != name or opened.plaintext is None:
            raise SecretUnreadable(f"{name} holds the key of another place")
        return opened.plaintext

    @property
    def kid(self) -> str:
        """The name of the key that wraps."""
        return self.keks[0].thumbprint()


def kid_of(wrapped: bytes) -> str | None:
    """Under which key-encryption key something is wrapped; None for what is not wrapped at all."""
    try:
        header = parse_json(from_b64u(wrapped.decode("ascii").partition(".")[0]))
    except (EncodingRefused, UnicodeDecodeError):
        return None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None


def custody_of(settings: Settings) -> Custody:
    """The key-encryption keys of an installation, from the environment or their file. Raises KekInvalid."""
    if settings.kek is not None and settings.kek_file is not None:
        raise KekInvalid("set VECHE_ISSUER_KEK_FILE or VECHE_ISSUER_KEK, not both")
    if settings.kek is not None:
        return Custody.parse(settings.kek.get_secret_value())
    path = _kek_file(settings)
    try:
        return Custody.parse(path.read_text("ascii"))
    except FileNotFoundError:
        raise KekInvalid(f"{path} is not there; veche-issuer init --make-kek makes it") from None
    except (OSError, UnicodeDecodeError):
        raise KekInvalid(f"{path} cannot be read") from None


def make_kek(settings: Settings) -> None:
    """Make the file of the key-encryption key unless it is there. Raises KekInvalid, OSError."""
    if settings.kek is not None:
        raise KekInvalid("the key-encryption key is in the environment: there is no file to make")
    path = _kek_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_durably(path, b64u(os.urandom(KEK_SIZE)).encode("ascii") + b"\n")


def _kek_file(settings: Settings) -> Path:
    if settings.kek_file is None:
        raise KekInvalid("set VECHE_ISSUER_KEK_FILE or VECHE_ISSUER_KEK")
    if settings.kek_file.resolve().is_relative_to(settings.state.resolve()):
        raise KekInvalid("VECHE_ISSUER_KEK_FILE is in the state directory, beside what it protects")
    return settings.kek_file
