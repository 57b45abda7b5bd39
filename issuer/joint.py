"""A poll of several issuers, made in steps by a file that goes from one to the other (docs/protocol.md 3.8).

propose: the first issuer's draft, log and keys. contribute: each other's keys. sign: each signs the manifest
that follows from the file. deliver: all signatures to the box. Each step may be repeated and gives the same.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from issuer import store
from issuer.draft import Draft, assemble
from issuer.publication import TIMEOUT, NotDelivered, Publisher
from shared.db import read, write
from shared.encoding import EncodingRefused, canonical_json, from_b64u, parse_canonical
from shared.manifest import BallotBox, Issuer, Point, Poll, Url, describe
from shared.publication import ManifestSignature, signature_members, verify_manifest_signatures
from shared.trust import check_trusted

FORMAT: Final = "veche/proposal/v1"
MAX_PROPOSAL_SIZE: Final = 500_000


class ProposalInvalid(Exception):
    """A proposal that cannot become a poll, or not with this issuer. The message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Signature(_Part):
    """An issuer's signature on the manifest, b64u."""

    issuer: Annotated[int, Field(ge=0)]
    signature: str


class Proposal(_Part):
    """The file: what is asked, who contributed keys (by URL), who signed."""

    format: Literal["veche/proposal/v1"]
    draft: dict[str, Any]
    ballot_box: BallotBox
    sealing_key: Point
    issuers: Annotated[tuple[Url, ...], Field(min_length=2, max_length=16, strict=False)]
    threshold: Annotated[int, Field(ge=1)]
    faulty: Annotated[int, Field(ge=0)]
    contributions: dict[str, Issuer]
    signatures: Annotated[tuple[Signature, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _whole(self) -> "Proposal":
        n, k, f = len(self.issuers), self.threshold, self.faulty
        if len(set(self.issuers)) != n or set(self.contributions) - set(self.issuers):
            raise ValueError("issuers differ, and only they contribute")
        if not (k <= n and 2 * k > n + f):
            raise ValueError("k <= n and 2k > n + f: else a resident and f corrupt issuers make two ballots")
        return self

    def to_bytes(self) -> bytes:
        """The file's bytes: canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))

    @property
    def missing(self) -> tuple[str, ...]:
        """The issuers whose keys are not here yet."""
        return tuple(url for url in self.issuers if url not in self.contributions)

    @property
    def request(self) -> bytes:
        """SHA-256 of what is asked, 32 bytes: the same question is the same publication."""
        return _request(self.draft, self.issuers, self.threshold, self.faulty)

    def parsed_draft(self) -> Draft:
        """The draft. Raises ProposalInvalid."""
        try:
            return Draft.model_validate(self.draft)
        except ValidationError as error:
            raise ProposalInvalid(f"draft: {describe(error)}") from None

    def manifest_signatures(self) -> tuple[ManifestSignature, ...]:
        """The signatures that are here. Raises ProposalInvalid."""
        try:
            return tuple(
                ManifestSignature(s.issuer, from_b64u(s.signature, size=64)) for s in self.signatures
            )
        except EncodingRefused as error:
            raise ProposalInvalid(f"signatures: {error}") from None


def parse_proposal(data: bytes) -> Proposal:
    """Read a proposal's file. Raises ProposalInvalid."""
    if len(data) > MAX_PROPOSAL_SIZE:
        raise ProposalInvalid("the file is too long")
    try:
        return Proposal.model_validate(parse_canonical(data.strip()))
    except EncodingRefused as error:
        raise ProposalInvalid(str(error)) from None
    except ValidationError as error:
        raise ProposalInvalid(describe(error)) from None


@dataclass(frozen=True, slots=True)
class JointPublisher:
    """One issuer's part in polls of several."""

    publisher: Publisher
    _published: set[bytes] = field(default_factory=set, repr=False, compare=False)
    """Requests that are known to have become polls."""

    def propose(self, draft: Draft, issuers: tuple[str, ...], threshold: int, faulty: int) -> Proposal:
        """Begin a poll with these issuers (URLs, in the manifest's order), of which this is one.

        Raises ProposalInvalid, NotDelivered, BoxRefused.
        """
        asked = draft.model_dump(mode="json")
        offer = self.publisher.ask_log(_request(asked, issuers, threshold, faulty))
        members = {
            "format": FORMAT,
            "draft": asked,
            "ballot_box": offer.ballot_box,
            "sealing_key": offer.sealing_key,
            "issuers": issuers,
            "threshold": threshold,
            "faulty": faulty,
            "contributions": {},
            "signatures": (),
        }
        try:
            return self.contribute(Proposal.model_validate(members))
        except ValidationError as error:
            raise ProposalInvalid(describe(error)) from None

    def contribute(self, proposal: Proposal) -> Proposal:
        """Add this issuer's fresh keys; the same keys for the same question. Raises ProposalInvalid."""
        settings, draft = self.publisher.settings, proposal.parsed_draft()
        if settings.url not in proposal.issuers:
            raise ProposalInvalid(f"{settings.url} is not one of its issuers")
        with self.publisher.keys.alone("publication"):
            keys = self.publisher.keys.make(proposal.request, draft.token_bits or settings.token_bits)
            contributions = {**proposal.contributions, settings.url: self.publisher.own_entry(keys)}
        return proposal.model_copy(update={"contributions": contributions})

    def sign(self, proposal: Proposal) -> Proposal:
        """Sign the manifest of a proposal to which all contributed.

        The manifest is checked against the trust root and this issuer's own keys, and kept.
        Raises ProposalInvalid, DraftInvalid, ManifestInvalid, NotTrusted, KeysMissing.
        """
        poll, publisher = self._manifest(proposal), self.publisher
        if self.contribute(proposal) != proposal:
            raise ProposalInvalid("the keys in it under this issuer's name are not this issuer's")
        with publisher.keys.alone("publication"):
            with write(publisher.engine) as conn:
                store.keep_manifest(conn, proposal.request, poll)
            publisher.keys.adopt(proposal.request, poll.poll_id)
        mine = publisher.signature(poll)
        others = [entry for entry in proposal.manifest_signatures() if entry.issuer != mine.issuer]
        ascending = sorted([*others, mine], key=lambda entry: entry.issuer)
        members = [Signature.model_validate(entry) for entry in signature_members(ascending)]
        return proposal.model_copy(update={"signatures": tuple(members)})

    def deliver(self, proposal: Proposal, now: datetime) -> Poll:
        """Bring the signed manifest to the box. Raises ManifestSignaturesInvalid and as `Publisher` does."""
        poll, signatures = self._manifest(proposal), proposal.manifest_signatures()
        verify_manifest_signatures(poll, signatures)
        self.publisher.deliver(poll, signatures)
        self.publisher.add(poll, now)
        return poll

    def take_up(self, now: datetime) -> None:
        """Give tokens for the polls that this issuer signed and that the box has meanwhile."""
        with read(self.publisher.engine) as conn:
            waiting = store.unpublished(conn, self._published)
        for poll in waiting:
            if len(poll.manifest.issuers) > 1 and self._is_published(poll):
                self.publisher.add(poll, now)

    def _manifest(self, proposal: Proposal) -> Poll:
        if proposal.missing:
            raise ProposalInvalid(f"no keys yet of {', '.join(proposal.missing)}")
        poll = assemble(
            proposal.parsed_draft(),
            issuers=[proposal.contributions[url] for url in proposal.issuers],
            threshold=proposal.threshold,
            faulty=proposal.faulty,
            ballot_box=proposal.ballot_box,
            sealing_key=proposal.sealing_key,
            client=self.publisher.settings.client,
        )
        check_trusted(self.publisher.trust, poll.manifest)
        return poll

    def _is_published(self, poll: Poll) -> bool:
        url = f"{poll.manifest.ballot_box.url}/polls/{poll.poll_id.hex()}/manifest.json"
        try:
            answer = self.publisher.http.get(url, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise NotDelivered(f"the ballot box does not answer ({type(error).__name__})") from None
        return answer.status_code == 200 and answer.content == poll.manifest_bytes


def _request(draft: Mapping[str, Any], issuers: tuple[str, ...], threshold: int, faulty: int) -> bytes:
    asked = {"draft": draft, "faulty": faulty, "issuers": list(issuers), "threshold": threshold}
    return hashlib.sha256(canonical_json(asked)).digest()
