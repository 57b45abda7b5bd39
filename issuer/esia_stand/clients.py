"""The systems registered at the stand: certificate, redirect addresses, scopes. Kept in clients.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from issuer.esia.gost import GostPublicKey
from issuer.esia.gost_asn1 import certificate_hash, load_public_key

FILE: Final = "clients.json"
SCOPES: Final = frozenset({"openid", "fullname", "birthdate", "snils", "addresses"})
"""All scopes that the stand knows."""


@dataclass(frozen=True, slots=True)
class RedirectPrefix:
    """An address below which redirects are allowed. Without a port it allows any, as loopback needs."""

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a prefix like http://127.0.0.3/ or https://host:8443/esia/. Raises ValueError."""
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or not parts.path.endswith("/"):
            raise ValueError("a redirect prefix is http(s)://host[:port]/path/")
        return cls(parts.scheme, parts.hostname, parts.port, parts.path)

    def allows(self, target: SplitResult) -> bool:
        """Whether a parsed address lies below this prefix."""
        port_fits = self.port is None or self.port == target.port
        same_host = (target.scheme, target.hostname) == (self.scheme, self.host)
        return port_fits and same_host and target.path.startswith(self.path)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered system; `id` is its mnemonic."""

    id: str
    key: GostPublicKey
    certificate_hash: str
    redirects: tuple[RedirectPrefix, ...]
    scopes: frozenset[str]

    def allows_redirect(self, address: str) -> bool:
        """Whether ESIA may send the browser there."""
        try:
            target = urlsplit(address)
            plain = target.port != 0 and target.username is None and not target.fragment
        except ValueError:
            return False
        return plain and ".." not in target.path and any(prefix.allows(target) for prefix in self.redirects)


def load_clients(state: Path) -> Mapping[str, Client]:
    """All clients by mnemonic. Raises OSError, ValueError, GostKeyInvalid for a damaged directory."""
    entries = json.loads((state / FILE).read_bytes())
    return {entry["client_id"]: _client(state, entry) for entry in entries}


def save_client(
    state: Path, client_id: str, *, certificate: str, redirects: tuple[str, ...], scopes: frozenset[str]
) -> None:
    """Register a client, or replace it; `certificate` is the name of a DER file in the directory."""
    path = state / FILE
    entries = json.loads(path.read_bytes()) if path.exists() else []
    entry = {
        "certificate": certificate,
        "client_id": client_id,
        "redirects": list(redirects),
        "scopes": sorted(scopes),
    }
    others = [known for known in entries if known["client_id"] != client_id]
    path.write_text(json.dumps([*others, entry], indent=1) + "\n", "utf-8")


def _client(state: Path, entry: Mapping[str, object]) -> Client:
    certificate = (state / str(entry["certificate"])).read_bytes()
    redirects, scopes = entry["redirects"], entry["scopes"]
    if not isinstance(redirects, list) or not isinstance(scopes, list):
        raise ValueError("redirects and scopes are lists")
    return Client(
        id=str(entry["client_id"]),
        key=load_public_key(certificate),
        certificate_hash=certificate_hash(certificate),
        redirects=tuple(RedirectPrefix.parse(text) for text in redirects),
        scopes=frozenset(scopes),
    )
