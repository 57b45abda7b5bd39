"""Publication of a poll in steps that may each be repeated (docs/protocol.md 3.6).

Durable in this order: the keys, the manifest, the box's copy, the poll. A crash or a lost reply at any point
is repaired by publishing the same draft again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine

from crypto import ed25519
from crypto.errors import InvalidKey
from crypto.signed_note import VerifierKey
from issuer import store, tables
from issuer.draft import Draft, assemble
from issuer.issuance_log import IssuanceLog, slot_of
from issuer.keys import KeyStore, PublicKeys
from issuer.polls import log_id, own_entry
from issuer.settings import Settings
from shared.db import read, write
from shared.encoding import EncodingRefused, b64u, canonical_json, from_b64u, parse_json
from shared.log.sequencer import create_log
from shared.manifest import BallotBox, Issuer, Point, Poll, RawKey, Url, describe
from shared.publication import (
    ManifestSignature,
    log_request_statement,
    sign_manifest,
    signature_members,
)
from shared.trust import TrustRoot, check_trusted

TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
MAX_ANSWER_SIZE: Final = 65_536
_NOT_NOW: Final = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS)


class NotDelivered(Exception):
    """The ballot box did not answer, or not yet: publish the same draft again."""


class BoxRefused(Exception):
    """The ballot box refused, or gave an answer that breaks the protocol."""


class Offer(BaseModel):
    """What the box gives to a poll: its entry of the manifest, and a key (b64u) to seal ballots for it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    log_key: str
    log_url: str
    sealing_key: Point
    statement_key: RawKey
    url: Url

    @property
    def ballot_box(self) -> BallotBox:
        """The box's entry of the manifest."""
        return BallotBox.model_validate(self.model_dump(exclude={"sealing_key"}))


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes drafts of one issuer to its ballot box."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    trust: TrustRoot
    http: httpx.Client

    def publish(self, draft: Draft, now: datetime) -> Poll:
        """Publish a draft, or finish and repeat an earlier publication of the same draft.

        Raises DraftInvalid, ManifestInvalid, NotTrusted, NotDelivered, BoxRefused, KeysMissing.
        """
        request = draft.request()
        with self.keys.alone("publication"):
            poll = self._manifest(draft, request)
            self.keys.adopt(request, poll.poll_id)
            self.deliver(poll, [self.signature(poll)])
            self.add(poll, now)
        return poll

    def _manifest(self, draft: Draft, request: bytes) -> Poll:
        """Steps 1 to 3 up to the stored manifest."""
        with read(self.engine) as conn:
            poll = store.manifest_for(conn, request)
        if poll is not None:
            return poll
        keys = self.keys.make(request, draft.token_bits or self.settings.token_bits)
        offer = self.ask_log(request)
        poll = assemble(
            draft,
            issuers=[self.own_entry(keys)],
            ballot_box=offer.ballot_box,
            sealing_key=offer.sealing_key,
            client=self.settings.client,
        )
        check_trusted(self.trust, poll.manifest)
        with write(self.engine) as conn:
            store.keep_manifest(conn, request, poll)
        return poll

    def own_entry(self, keys: PublicKeys) -> Issuer:
        """What a manifest says of this issuer, with keys made for it."""
        log_url = f"{self.settings.url}/log/{keys.log_id.hex()}"
        return Issuer(
            name=self.settings.name,
            url=self.settings.url,
            statement_key=b64u(self.keys.statement_key()),
            token_key=b64u(keys.token_key.der),
            log_url=log_url,
            log_key=str(VerifierKey(log_url.partition("://")[2], keys.log_key)),
        )

    def ask_log(self, request: bytes) -> Offer:
        """Step 2: the box's log for this request. Raises NotDelivered, BoxRefused."""
        url = self.settings.url
        statement = log_request_statement(box=self.settings.box, issuer=url, request=request)
        signature = ed25519.sign(self.keys.statement_seed(), statement)
        body = {"issuer": url, "request": request.hex(), "signature": b64u(signature)}
        answer = self._send("POST", "/logs", body)
        try:
            offer = Offer.model_validate(answer)
            VerifierKey.parse(offer.log_key)
        except ValidationError as error:
            raise BoxRefused(f"the answer to /logs: {describe(error)}") from None
        except InvalidKey as error:
            raise BoxRefused(f"the answer to /logs: {error}") from None
        return offer

    def signature(self, poll: Poll) -> ManifestSignature:
        """This issuer's signature, by the statement key that the manifest names."""
        entry = own_entry(poll, self.settings.url)
        seed = self.keys.statement_seed(from_b64u(entry.statement_key))
        return sign_manifest(seed, poll, poll.manifest.issuers.index(entry))

    def deliver(self, poll: Poll, signatures: Sequence[ManifestSignature]) -> None:
        """Step 3: the manifest and all its signatures to the box. Raises NotDelivered, BoxRefused."""
        body = {"manifest": b64u(poll.manifest_bytes), "signatures": signature_members(signatures)}
        answer = self._send("PUT", f"/polls/{poll.poll_id.hex()}", body)
        if answer != {"poll_id": poll.poll_id.hex()}:
            raise BoxRefused("the box answers with another poll")

    def add(self, poll: Poll, now: datetime) -> None:
        """From here on the poll gives tokens."""
        with write(self.engine) as conn:
            store.add_poll(conn, poll, batch_slot=slot_of(now, self.settings.publish_every))
            create_log(conn, tables.log, log_id(own_entry(poll, self.settings.url)))
        IssuanceLog(self.engine, self.keys, self.settings.url).publish(poll)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        try:
            response = self.http.request(
                method,
                self.settings.box + path,
                content=canonical_json(body),
                headers={"Content-Type": "application/json"},
                timeout=TIMEOUT,
            )
        except httpx.HTTPError as error:
            raise NotDelivered(f"the ballot box does not answer ({type(error).__name__})") from None
        if says_later(response.status_code):
            raise NotDelivered(f"the ballot box answers {response.status_code}")
        if response.status_code not in (200, 201):
            raise BoxRefused(f"the ballot box answers {response.status_code} {_slug(response)}".rstrip())
        return _parsed(response)


def says_later(status: int) -> bool:
    """Whether an answer of the box, or of the proxy before it, only means that it cannot be now."""
    return status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _NOT_NOW


def _slug(response: httpx.Response) -> str:
    """The type of a problem, if it is one."""
    answer = _parsed(response)
    kind = answer.get("type") if isinstance(answer, dict) else None
    return kind if isinstance(kind, str) and len(kind) < 100 else ""


def _parsed(response: httpx.Response) -> Any:
    if len(response.content) > MAX_ANSWER_SIZE:
        raise BoxRefused("the answer is too long")
    try:
        return parse_json(response.content)
    except EncodingRefused:
        raise BoxRefused("the answer is not JSON") from None
