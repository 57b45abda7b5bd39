"""Statements of publication, docs/protocol.md 3.5 and 3.6."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crypto import ed25519
from crypto.errors import CryptoError
from shared import labels
from shared.encoding import EncodingRefused, b64u, canonical_json, from_b64u, parse_canonical
from shared.manifest import Poll


class ManifestSignaturesInvalid(Exception):
    """Manifest signatures that are missing, too many, out of order or wrong."""


@dataclass(frozen=True, slots=True)
class ManifestSignature:
    """An issuer's (by manifest index) 64-byte Ed25519 signature on a manifest."""

    issuer: int
    signature: bytes


def log_request_statement(*, box: str, issuer: str, request: bytes) -> bytes:
    """What an issuer signs to be given a poll log; `request` is 32 bytes (3.6, step 2)."""
    return labels.LOG_REQUEST + canonical_json({"box": box, "issuer": issuer, "request": request.hex()})


def sign_manifest(seed: bytes, poll: Poll, issuer: int) -> ManifestSignature:
    """Sign a manifest as its issuer number `issuer`."""
    return ManifestSignature(issuer, ed25519.sign(seed, poll.first_leaf))


def verify_manifest_signatures(poll: Poll, signatures: Sequence[ManifestSignature]) -> None:
    """Check one signature by every issuer of the manifest, ascending. Raises ManifestSignaturesInvalid.

    The keys are the manifest's own: the caller pins them with `shared.trust.check_trusted`.
    """
    issuers = poll.manifest.issuers
    if [entry.issuer for entry in signatures] != list(range(len(issuers))):
        raise ManifestSignaturesInvalid("not one signature by every issuer, ascending")
    for entry, issuer in zip(signatures, issuers, strict=True):
        try:
            ed25519.verify(from_b64u(issuer.statement_key), poll.first_leaf, entry.signature)
        except CryptoError:
            raise ManifestSignaturesInvalid(f"the signature of issuer {entry.issuer} is wrong") from None


def encode_signatures(signatures: Sequence[ManifestSignature]) -> bytes:
    """The canonical JSON of signatures.json."""
    return canonical_json({"signatures": signature_members(signatures)})


def signature_members(signatures: Sequence[ManifestSignature]) -> list[dict[str, Any]]:
    """Signatures as JSON members."""
    return [{"issuer": entry.issuer, "signature": b64u(entry.signature)} for entry in signatures]


def parse_signatures(data: bytes) -> tuple[ManifestSignature, ...]:
    """Read signatures.json. Raises ManifestSignaturesInvalid."""
    try:
        members = parse_canonical(data)
        if set(members) != {"signatures"}:
            raise ManifestSignaturesInvalid("other members than section 3.5 gives")
        return signatures_of(members["signatures"])
    except (EncodingRefused, TypeError):
        raise ManifestSignaturesInvalid("not the JSON of section 3.5") from None


def signatures_of(members: Any) -> tuple[ManifestSignature, ...]:
    """Read a list of `signature_members`. Raises ManifestSignaturesInvalid, EncodingRefused, TypeError."""
    return tuple(_signature(entry) for entry in members)


def _signature(entry: Any) -> ManifestSignature:
    if not isinstance(entry, dict) or set(entry) != {"issuer", "signature"}:
        raise ManifestSignaturesInvalid("other members than section 3.5 gives")
    issuer, signature = entry["issuer"], entry["signature"]
    if not isinstance(issuer, int) or isinstance(issuer, bool) or not isinstance(signature, str):
        raise ManifestSignaturesInvalid("wrong types")
    return ManifestSignature(issuer, from_b64u(signature, size=64))
