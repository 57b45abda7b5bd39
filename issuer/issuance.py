"""Issuance of blind signatures (docs/protocol.md section 5). No other module may import the signer.

The row is written first and committed; then the signature is made, stored and committed; only then does it
leave. A crash between the two commits is repaired by the same request, and at the latest at closing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial

import structlog
from sqlalchemy import Engine

from crypto import ed25519
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
from shared.given_mark import Forgotten, GivenMark
from shared.issuance_promise import issuance_leaf, promise_statement
from shared.log.sequencer import Head, append_all, head_of
from shared.log.signer import CheckpointSigner, LogRolledBack
from shared.logs import log_failure
from shared.manifest import Poll
from shared.refusals import (
    BlindedMessageInvalid,
    PollClosed,
    PollNotOpen,
    Refusal,
    TokenAlreadyIssued,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The answer of docs/protocol.md 5.3: the same bytes for the same request, always."""

    blind_signature: bytes
    nonce: bytes
    promise: bytes
    pseudonym: VoterPseudonym


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a person asks of a poll. `nonce`: 32 fresh random bytes."""

    poll_id: bytes
    pseudonym: VoterPseudonym
    blinded_message: bytes
    nonce: bytes


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

    def __post_init__(self) -> None:
        self._cores = _usable_cores()
        self._signing = ThreadPoolExecutor(self._cores, thread_name_prefix="signing")

    def issue(
        self, poll_id: bytes, pseudonym: VoterPseudonym, blinded_message: bytes, *, nonce: bytes
    ) -> IssuedToken:
        """Sign a blinded message, once per person and poll; the stored answer for the same message.

        `nonce`: 32 fresh random bytes. Raises PollUnknown, BlindedMessageInvalid, PollNotOpen, PollClosed,
        TokenAlreadyIssued, Unavailable.
        """
        (outcome,) = self.issue_all([TokenRequest(poll_id, pseudonym, blinded_message, nonce)])
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def issue_all(self, asked: Sequence[TokenRequest]) -> list[IssuedToken | Refusal]:
        """The outcome of each request, in their order: of each poll's requests in the same transactions."""
        outcomes: dict[int, IssuedToken | Refusal] = {}
        for poll_id in {one.poll_id: None for one in asked}:
            mine = [at for at, one in enumerate(asked) if one.poll_id == poll_id]
            outcomes |= zip(mine, self._issue_of(poll_id, [asked[at] for at in mine]), strict=True)
        return [outcomes[at] for at in range(len(asked))]

    def _issue_of(self, poll_id: bytes, asked: Sequence[TokenRequest]) -> Sequence[IssuedToken | Refusal]:
        try:
            with read(self.engine) as conn:
                poll = known_poll(conn, poll_id)
            checked = [self._checked(poll, one) for one in asked]
            sound = [one for one in checked if isinstance(one, TokenRequest)]
            recorded = self._recorded(poll, sound) if sound else {}
            settled = [_settled(one, recorded) for one in checked]
            unsigned = [one for one in settled if isinstance(one, Issuance) and one.blind_signature is None]
            signatures = self._signed(poll, unsigned) if unsigned else {}
        except Refusal as refusal:
            return [refusal] * len(asked)
        seed = self.keys.statement_seed(from_b64u(own_entry(poll, self.url).statement_key))
        sign = ed25519.signer(seed)
        return [one if isinstance(one, Refusal) else _given(poll, one, signatures, sign) for one in settled]

    def complete(self, poll: Poll) -> None:
        """Sign what a crash left unsigned. To be called after closing and before the key's destruction."""
        with read(self.engine) as conn:
            unsigned = store.unsigned_issuances(conn, poll.poll_id)
        if unsigned:
            self._signed(poll, unsigned)

    def forget_closed(self) -> None:
        """Drop the loaded keys of polls that no longer give tokens."""
        now = self.clock()
        for poll_id, (closes_at, _) in list(self._loaded.items()):
            if now >= closes_at:
                self._loaded.pop(poll_id, None)

    def _checked(self, poll: Poll, asked: TokenRequest) -> TokenRequest | Refusal:
        try:
            check_blinded(self._token_key(poll), asked.blinded_message)
        except (UnexpectedInputSize, MessageOutOfRange) as error:
            return BlindedMessageInvalid(str(error))
        return asked

    def _recorded(
        self, poll: Poll, asked: Sequence[TokenRequest]
    ) -> dict[VoterPseudonym, Issuance | Refusal]:
        """What is issued to these people: as they ask, where the poll gives tokens now and they have none.

        The clock is read inside the transaction: to wait for it may take until the poll is closed.
        """
        log = log_id(own_entry(poll, self.url))
        first = {one.pseudonym: _issuance_of(one) for one in reversed(asked)}
        signer, new = log_signer(self.keys, self.url, poll), set[VoterPseudonym]()
        mark = self.keys.issued_mark(poll.poll_id)
        with write(self.engine) as conn:
            now, head, issued = self.clock(), head_of(conn, tables.log, log), store.issued(conn, poll.poll_id)
            _check_current(poll, head, signer, mark, issued)
            held = not head.closed and store.find_statement(conn, poll.poll_id, "cancellation") is None
            if held and gives_tokens(poll, now) and self.keys.has_token_key(poll.poll_id):
                new = store.add_issuances(conn, poll.poll_id, list(first.values()))
                leaves = [_leaf(poll.poll_id, first[pseudonym]) for pseudonym in new]
                append_all(conn, tables.log, log, leaves)
                issued = store.count_issued(conn, poll.poll_id, len(new))
            known = store.find_issuances(conn, poll.poll_id, first.keys() - new)
        if new or known:
            mark.raise_to(issued)
        shut = PollNotOpen() if now < poll.manifest.issuance_opens_at else PollClosed()
        return {**dict.fromkeys(first, shut), **{one: first[one] for one in new}, **known}

    def _signed(self, poll: Poll, unsigned: Sequence[Issuance]) -> dict[VoterPseudonym, bytes]:
        """Sign outside any transaction, on every core, then store. One message has one signature."""
        try:
            sign = partial(_sign_each, self._token_key(poll), self._operation(poll))
            signed = list(
                self._signing.map(sign, [unsigned[core :: self._cores] for core in range(self._cores)])
            )
        except TokenKeyDestroyed:
            return {one.pseudonym: self._stored_signature(poll.poll_id, one.pseudonym) for one in unsigned}
        except HsmUnavailable as error:
            log_failure("hsm-unavailable", error)
            raise Unavailable from None
        signatures = {pseudonym: signature for part in signed for pseudonym, signature in part}
        with write(self.engine) as conn:
            store.keep_signatures(conn, poll.poll_id, signatures)
        return signatures

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


def _usable_cores() -> int:
    """Those that this process may run on; where the system does not tell, all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _sign_each(
    key: TokenPublicKey, operation: PrivateOperation, part: Sequence[Issuance]
) -> list[tuple[VoterPseudonym, bytes]]:
    return [(one.pseudonym, blind_sign(key, operation, one.blinded_message)) for one in part]


def _check_current(poll: Poll, head: Head, signer: CheckpointSigner, mark: GivenMark, issued: int) -> None:
    """Give nothing from a restored old database: it has forgotten who has a token. Raises Unavailable."""
    try:
        mark.check(issued)
        last = signer.last_signed()
        if last is not None and last.size > head.size:
            raise Forgotten(f"{last.size} leaves were signed, the database has {head.size}")
    except (Forgotten, LogRolledBack) as error:
        structlog.get_logger().critical("issuance-stopped", poll_id=poll.poll_id.hex()[:8], error=str(error))
        raise Unavailable from None


def _settled(
    asked: TokenRequest | Refusal, recorded: Mapping[VoterPseudonym, Issuance | Refusal]
) -> Issuance | Refusal:
    if isinstance(asked, Refusal):
        return asked
    issuance = recorded[asked.pseudonym]
    if isinstance(issuance, Refusal) or issuance.blinded_message == asked.blinded_message:
        return issuance
    return TokenAlreadyIssued()


def _issuance_of(asked: TokenRequest) -> Issuance:
    return Issuance(asked.pseudonym, asked.nonce, asked.blinded_message, None)


def _given(
    poll: Poll,
    issuance: Issuance,
    signatures: Mapping[VoterPseudonym, bytes],
    sign: Callable[[bytes], bytes],
) -> IssuedToken:
    signature = issuance.blind_signature or signatures[issuance.pseudonym]
    promise = sign(promise_statement(poll.poll_id, _leaf(poll.poll_id, issuance)))
    return IssuedToken(signature, issuance.nonce, promise, issuance.pseudonym)


def _leaf(poll_id: bytes, issuance: Issuance) -> bytes:
    return issuance_leaf(poll_id, issuance.pseudonym, issuance.nonce, issuance.blinded_message)


@lru_cache(maxsize=64)
def _load_public(text: str) -> TokenPublicKey:
    return load_token_key(from_b64u(text))
