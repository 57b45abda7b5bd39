"""The trust root, docs/protocol.md 2.3: whom a client and an auditor believe to be who."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crypto.errors import InvalidKey
from crypto.signed_note import VerifierKey
from shared.catalogue import catalogue_url
from shared.encoding import EncodingRefused, canonical_json, parse_canonical
from shared.manifest import Line, Manifest, Origin, RawKey, Url, describe

PATH = "/.well-known/veche-trust.json"


class TrustInvalid(Exception):
    """A trust root that breaks section 2.3."""


class NotTrusted(Exception):
    """A manifest names a service, or a key of it, that the trust root does not."""


def _verifier_key(text: str) -> str:
    try:
        VerifierKey.parse(text)
    except InvalidKey as error:
        raise ValueError(str(error)) from None
    return text


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class TrustedIssuer(_Part):
    """An issuer and its Ed25519 statement key."""

    name: Line
    statement_key: RawKey
    url: Url


class TrustedBox(_Part):
    """The ballot box, its Ed25519 statement key and the verifier key of its catalogue."""

    catalogue_key: Annotated[str, AfterValidator(_verifier_key)]
    statement_key: RawKey
    url: Url

    @property
    def catalogue(self) -> VerifierKey:
        """The catalogue's key, parsed."""
        return VerifierKey.parse(self.catalogue_key)

    @model_validator(mode="after")
    def _of_its_catalogue(self) -> Self:
        if self.catalogue.name != catalogue_url(self.url).partition("://")[2]:
            raise ValueError("the catalogue's key is named otherwise")
        return self


class TrustRoot(_Part):
    """The pinned services of one installation."""

    format: Literal["veche/trust/v1"]
    issuers: Annotated[tuple[TrustedIssuer, ...], Field(min_length=1, max_length=16, strict=False)]
    ballot_box: TrustedBox
    client: Origin

    def to_bytes(self) -> bytes:
        """The canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))

    def fingerprint(self) -> str:
        """SHA-256 of the bytes in hex, as printed on posters."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def parse_trust(data: bytes) -> TrustRoot:
    """Parse a trust root. Raises TrustInvalid."""
    try:
        return TrustRoot.model_validate(parse_canonical(data))
    except EncodingRefused as refused:
        raise TrustInvalid(str(refused)) from None
    except ValidationError as error:
        raise TrustInvalid(describe(error)) from None


def check_trusted(trust: TrustRoot, manifest: Manifest) -> None:
    """Check that every service of a manifest is one of the trust root (section 3.5). Raises NotTrusted."""
    known = {(issuer.url, issuer.statement_key) for issuer in trust.issuers}
    for index, issuer in enumerate(manifest.issuers):
        if (issuer.url, issuer.statement_key) not in known:
            raise NotTrusted(f"issuer {index} is not in the trust root")
    box = manifest.ballot_box
    if (box.url, box.statement_key) != (trust.ballot_box.url, trust.ballot_box.statement_key):
        raise NotTrusted("the ballot box is not that of the trust root")
    if manifest.client != trust.client:
        raise NotTrusted("the client's origin is not that of the trust root")
