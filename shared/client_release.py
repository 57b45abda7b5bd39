"""Releases of the web client, docs/protocol.md 3.11: the hash of every file, signed by most issuers."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crypto import ed25519
from crypto.errors import CryptoError
from shared import labels
from shared.encoding import EncodingRefused, b64u, canonical_json, from_b64u, parse_canonical
from shared.manifest import Origin, RawKey
from shared.trust import TrustRoot

MAX_RELEASE_SIZE: Final = 60_000
"""So that it fits into an entry of the catalogue."""
MAX_CLIENT_FILE_SIZE: Final = 16 << 20
LISTED: Final = "/client-releases.json"
START_PAGE: Final = "index.html"

_PATH: Final = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")


class ReleaseInvalid(Exception):
    """A release that breaks section 3.11; the message says where."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class _Body(_Part):
    client: Origin
    files: Mapping[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    format: Literal["veche/client-release/v1"]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]{1,40}$")]


class ReleaseSignature(_Part):
    """A signature (b64u, 64 bytes) under an issuer's statement key."""

    signature: str
    statement_key: RawKey


class _Published(_Part):
    release: _Body
    signatures: Annotated[tuple[ReleaseSignature, ...], Field(max_length=16, strict=False)]


@dataclass(frozen=True, slots=True)
class Release:
    """What is served at the origin `client`. `files`: SHA-256 in hex by path, without a leading slash."""

    client: str
    version: str
    files: Mapping[str, str]
    signatures: tuple[ReleaseSignature, ...] = ()

    @classmethod
    def of(cls, site: Path, *, client: str, version: str) -> Self:
        """The unsigned release of a built client. Raises ReleaseInvalid, OSError."""
        paths = sorted(path for path in site.rglob("*") if path.is_file())
        hashes = {path.relative_to(site).as_posix(): hash_of(path.read_bytes()) for path in paths}
        made = cls(client, version, hashes)
        parse_release(made.encoded)
        return made

    @property
    def body(self) -> bytes:
        """The canonical JSON that is signed, without its label."""
        members = {"client": self.client, "files": dict(self.files), "version": self.version}
        return canonical_json(members | {"format": "veche/client-release/v1"})

    @property
    def release_id(self) -> bytes:
        """SHA-256 of the body, 32 bytes."""
        return hashlib.sha256(self.body).digest()

    @property
    def encoded(self) -> bytes:
        """The canonical JSON as it is published."""
        signatures = [entry.model_dump() for entry in self.signatures]
        return canonical_json({"release": parse_canonical(self.body), "signatures": signatures})

    @property
    def leaf(self) -> bytes:
        """The entry of the catalogue."""
        return labels.CLIENT_RELEASE + self.encoded

    def signed(self, seed: bytes) -> "Release":
        """The same with the signature by a statement key put in its place."""
        key = b64u(ed25519.public_key(seed))
        signature = b64u(ed25519.sign(seed, labels.CLIENT_RELEASE + self.body))
        others = [entry for entry in self.signatures if entry.statement_key != key]
        all_of_them = [*others, ReleaseSignature(signature=signature, statement_key=key)]
        return replace(self, signatures=tuple(sorted(all_of_them, key=lambda entry: entry.statement_key)))


def hash_of(data: bytes) -> str:
    """The SHA-256 of a file, in hex."""
    return hashlib.sha256(data).hexdigest()


def parse_release(data: bytes) -> Release:
    """Read a published release strictly, its signatures unverified. Raises ReleaseInvalid."""
    if len(data) > MAX_RELEASE_SIZE:
        raise ReleaseInvalid("longer than 60,000 bytes")
    try:
        members = _Published.model_validate(parse_canonical(data))
    except (EncodingRefused, ValidationError):
        raise ReleaseInvalid("not the JSON of section 3.11") from None
    _check_paths(members.release.files)
    keys = [entry.statement_key for entry in members.signatures]
    if keys != sorted(set(keys)):
        raise ReleaseInvalid("one signature by each key, ascending")
    body = members.release
    return Release(body.client, body.version, dict(body.files), members.signatures)


def verify_release(trust: TrustRoot, release: Release) -> None:
    """Check that it is for the trust root's client, and signed by more than half of its issuers.

    Raises ReleaseInvalid.
    """
    if release.client != trust.client:
        raise ReleaseInvalid("for another client than the trust root's")
    urls = {issuer.statement_key: issuer.url for issuer in trust.issuers}
    signed = {_signer(urls, release, entry) for entry in release.signatures}
    if 2 * len(signed) <= len(set(urls.values())):
        raise ReleaseInvalid("not signed by more than half of the issuers")


def differences(release: Release, files: Mapping[str, str]) -> Sequence[str]:
    """The paths that one has and the other has not, or with another hash."""
    return sorted({path for path, _ in set(release.files.items()) ^ set(files.items())})


def _check_paths(files: Mapping[str, Any]) -> None:
    if START_PAGE not in files:
        raise ReleaseInvalid(f"without {START_PAGE}")
    for path in files:
        if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
            raise ReleaseInvalid("a path that is none")


def _signer(urls: Mapping[str, str], release: Release, entry: ReleaseSignature) -> str:
    """The URL of the issuer whose signature this is."""
    if entry.statement_key not in urls:
        raise ReleaseInvalid("signed by somebody who is no issuer of the trust root")
    try:
        signature = from_b64u(entry.signature, size=64)
        ed25519.verify(from_b64u(entry.statement_key), labels.CLIENT_RELEASE + release.body, signature)
    except (CryptoError, EncodingRefused):
        raise ReleaseInvalid("a signature is wrong") from None
    return urls[entry.statement_key]
