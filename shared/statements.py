"""What issuers say of a published poll: that it is cancelled, and what was decided (docs/protocol.md 3.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from crypto import ed25519
from crypto.errors import CryptoError
from shared import labels
from shared.encoding import EncodingRefused, canonical_json, from_b64u, from_hex, parse_canonical
from shared.manifest import Manifest, Poll, Text
from shared.publication import (
    ManifestSignature,
    ManifestSignaturesInvalid,
    signature_members,
    signatures_of,
)

Kind = Literal["cancellation", "decision"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MAX_STATEMENT_SIZE: Final = 60_000

_LABELS: Final[Mapping[Kind, bytes]] = {"cancellation": labels.CANCELLATION, "decision": labels.DECISION}


class StatementInvalid(Exception):
    """A statement that breaks section 3.7; the message says where."""


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    poll_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its signatures. `text`: reason of a cancellation, or the decision, by language."""

    kind: Kind
    poll_id: bytes
    text: Mapping[str, str]
    signatures: tuple[ManifestSignature, ...] = ()

    @property
    def body(self) -> bytes:
        """The canonical JSON that is signed, without its label."""
        return canonical_json({"poll_id": self.poll_id.hex(), "text": dict(self.text)})

    @property
    def encoded(self) -> bytes:
        """The canonical JSON as it is published."""
        body = parse_canonical(self.body)
        return canonical_json({"signatures": signature_members(self.signatures), "statement": body})

    @property
    def leaf(self) -> bytes:
        """The closing record of a cancelled poll: the label and all of it."""
        return _LABELS[self.kind] + self.encoded

    def signed(self, seed: bytes, issuer: int) -> "Statement":
        """The same with the signature of issuer number `issuer` put in its place."""
        signature = ManifestSignature(issuer, ed25519.sign(seed, _LABELS[self.kind] + self.body))
        others = [entry for entry in self.signatures if entry.issuer != issuer]
        ascending = sorted([*others, signature], key=lambda entry: entry.issuer)
        return Statement(self.kind, self.poll_id, self.text, tuple(ascending))


def parse_statement(kind: Kind, data: bytes) -> Statement:
    """Read a published statement strictly. Raises StatementInvalid."""
    if len(data) > MAX_STATEMENT_SIZE:
        raise StatementInvalid("longer than 60,000 bytes")
    try:
        members = parse_canonical(data)
        if not isinstance(members, dict) or set(members) != {"signatures", "statement"}:
            raise StatementInvalid("other members than section 3.7 gives")
        body = _Body.model_validate(members["statement"])
        signatures = signatures_of(members["signatures"])
        return Statement(
            kind,
            from_hex(body.poll_id, size=32),
            {str(code): text for code, text in body.text.items()},
            signatures,
        )
    except (EncodingRefused, ManifestSignaturesInvalid, TypeError, ValueError):
        raise StatementInvalid("not the JSON of section 3.7") from None


def verify_statement(poll: Poll, statement: Statement) -> None:
    """Check that it is of this poll, in its languages, signed by at least k of its issuers.

    Raises StatementInvalid.
    """
    manifest = poll.manifest
    if statement.poll_id != poll.poll_id:
        raise StatementInvalid("of another poll")
    if set(statement.text) != set(manifest.languages):
        raise StatementInvalid("not in every language of the poll")
    _verify_signatures(manifest, _LABELS[statement.kind] + statement.body, statement.signatures)


def read_cancellation(leaf: bytes, poll: Poll) -> Statement:
    """The cancellation that closes a poll log. Raises StatementInvalid."""
    if not leaf.startswith(labels.CANCELLATION):
        raise StatementInvalid("another label")
    statement = parse_statement("cancellation", leaf.removeprefix(labels.CANCELLATION))
    verify_statement(poll, statement)
    return statement


def _verify_signatures(manifest: Manifest, message: bytes, signatures: Sequence[ManifestSignature]) -> None:
    issuers = [entry.issuer for entry in signatures]
    known = range(len(manifest.issuers))
    if issuers != sorted(set(issuers)) or any(issuer not in known for issuer in issuers):
        raise StatementInvalid("signatures by issuers of the poll, ascending")
    if len(issuers) < manifest.threshold:
        raise StatementInvalid(f"fewer than {manifest.threshold} signatures")
    for entry in signatures:
        try:
            key = from_b64u(manifest.issuers[entry.issuer].statement_key)
            ed25519.verify(key, message, entry.signature)
        except CryptoError:
            raise StatementInvalid(f"the signature of issuer {entry.issuer} is wrong") from None
