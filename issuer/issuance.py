"""Issuance of blind signatures (docs/protocol.md section 5). No other module may import the signer.

The row is written first and committed; then the signature is made, stored and committed; only then does it
leave. A crash between the two commits is repaired by the same request, and at the latest at closing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy import Connection, Engine

from crypto.blind_rsa.signer import PrivateOperation, blind_sign, check_blinded
from crypto.errors import MessageOutOfRange, UnexpectedInputSize
from crypto.keys import TokenPublicKey, load_token_key
from crypto.signers import load_signer
from issuer import store, tables
from issuer.hsm import HsmUnavailable, is_reference
from issuer.issuance_log import log_signer
from issuer.keys import KeyStore, TokenKeyDestroyed, VoterPseudonym
from issuer.polls import gives_tokens, known_poll, log_id, own_entry
from issuer.store import Issuance
from shared.clock import Clock
from shared.db import read, write
from shared.encoding import from_b64u
from shared.issuance_promise import issuance_leaf, sign_promise
from shared.log.sequencer import Head, append, head_of
from shared.log.signer import CheckpointSigner
from shared.logs import log_failure
from shared.manifest import Poll
from shared.refusals import BlindedMessageInvalid, PollClosed, PollNotOpen, TokenAlreadyIssued, Unavailable


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The answer of docs/protocol.md 5.3: the same bytes for the same request, always."""

    blind_signature: bytes
    nonce: bytes
    promise: bytes
    pseudonym: VoterPseudonym


@dataclass
class TokenDesk:
    """Signs blinded messages for the polls of one issuer, given by its URL.

    Loaded token keys are kept in memory until their poll closes (`forget_closed`).
    """

    engine: Engine
    keys: KeyStore
    clock: Clock
    url: str
    _loaded: dict[bytes, tuple[datetime, PrivateOperation]] = field(default_factory=dict, repr=False)

    def issue(
        self, poll_id: bytes, pseudonym: VoterPseudonym, blinded_message: bytes, *, nonce: bytes
    ) -> IssuedToken:
        """Sign a blinded message, once per person and poll; the stored answer for the same message.

        `nonce`: 32 fresh random bytes. Raises PollUnknown, BlindedMessageInvalid, PollNotOpen, PollClosed,
        TokenAlreadyIssued, Unavailable.
        """
        with read(self.engine) as conn:
            poll = known_poll(conn, poll_id)
        self._check(poll, blinded_message)
        signer = log_signer(self.keys, self.url, poll)
        with write(self.engine) as conn:
            issuance = self._recorded(conn, poll, signer, Issuance(pseudonym, nonce, blinded_message, None))
        if issuance.blinded_message != blinded_message:
            raise TokenAlreadyIssued
        signature = issuance.blind_signature or self._signed(poll, issuance)
        seed = self.keys.statement_seed(from_b64u(own_entry(poll, self.url).statement_key))
        promise = sign_promise(seed, poll_id, _leaf(poll_id, issuance))
        return IssuedToken(signature, issuance.nonce, promise, pseudonym)

    def complete(self, poll: Poll) -> None:
        """Sign what a crash left unsigned. To be called after closing and before the key's destruction."""
        with read(self.engine) as conn:
            unsigned = store.unsigned_issuances(conn, poll.poll_id)
        for issuance in unsigned:
            self._signed(poll, issuance)

    def forget_closed(self) -> None:
        """Drop the loaded keys of polls that no longer give tokens."""
        now = self.clock()
        for poll_id, (closes_at, _) in list(self._loaded.items()):
            if now >= closes_at:
                self._loaded.pop(poll_id, None)

    def _check(self, poll: Poll, blinded_message: bytes) -> None:
        try:
            check_blinded(self._token_key(poll), blinded_message)
        except (UnexpectedInputSize, MessageOutOfRange) as error:
            raise BlindedMessageInvalid(str(error)) from None

    def _recorded(self, conn: Connection, poll: Poll, signer: CheckpointSigner, new: Issuance) -> Issuance:
        """The person's issuance: this one if the poll gives tokens now and the person has none yet."""
        now, log = self.clock(), log_id(own_entry(poll, self.url))
        head = head_of(conn, tables.log, log)
        _check_current(poll, head, signer)
        held = not head.closed and store.find_statement(conn, poll.poll_id, "cancellation") is None
        open_now = held and gives_tokens(poll, now) and self.keys.has_token_key(poll.poll_id)
        if open_now and store.add_issuance(conn, poll.poll_id, new):
            append(conn, tables.log, log, _leaf(poll.poll_id, new))
            return new
        known = store.find_issuance(conn, poll.poll_id, new.pseudonym)
        if known is None:
            raise PollNotOpen if now < poll.manifest.issuance_opens_at else PollClosed
        return known

    def _signed(self, poll: Poll, issuance: Issuance) -> bytes:
        """Sign outside any transaction, then store. The same message gives the same signature."""
        try:
            operation = self._operation(poll)
            signature = blind_sign(self._token_key(poll), operation, issuance.blinded_message)
        except TokenKeyDestroyed:
            return self._stored_signature(poll.poll_id, issuance.pseudonym)
        except HsmUnavailable as error:
            log_failure("hsm-unavailable", error)
            raise Unavailable from None
        with write(self.engine) as conn:
            store.keep_signature(conn, poll.poll_id, issuance.pseudonym, signature)
        return signature

    def _stored_signature(self, poll_id: bytes, pseudonym: VoterPseudonym) -> bytes:
        """The signature that closing made while this request was on its way. Raises TokenKeyDestroyed."""
        with read(self.engine) as conn:
            issuance = store.find_issuance(conn, poll_id, pseudonym)
        if issuance is None or issuance.blind_signature is None:
            raise TokenKeyDestroyed
        return issuance.blind_signature

    def _operation(self, poll: Poll) -> PrivateOperation:
        loaded = self._loaded.get(poll.poll_id)
        if loaded is None:
            secret = self.keys.token_key(poll.poll_id)
            operation = self.keys.hsm.operation(secret) if is_reference(secret) else load_signer(secret)
            loaded = self._loaded[poll.poll_id] = (poll.manifest.closes_at, operation)
        return loaded[1]

    def _token_key(self, poll: Poll) -> TokenPublicKey:
        return _load_public(own_entry(poll, self.url).token_key)


def _check_current(poll: Poll, head: Head, signer: CheckpointSigner) -> None:
    """Give nothing from a restored old database: it has forgotten who has a token. Raises Unavailable."""
    last = signer.last_signed()
    if last is not None and last.size > head.size:
        structlog.get_logger().critical("issuance-stopped", poll_id=poll.poll_id.hex()[:8])
        raise Unavailable


def _leaf(poll_id: bytes, issuance: Issuance) -> bytes:
    return issuance_leaf(poll_id, issuance.pseudonym, issuance.nonce, issuance.blinded_message)


@lru_cache(maxsize=64)
def _load_public(text: str) -> TokenPublicKey:
    return load_token_key(from_b64u(text))
