"""Cancellations and decisions of published polls (docs/protocol.md 3.7): signed, kept, delivered to the box.

Kept first, delivered then, and delivered again until the box has it: the same text gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
import structlog
from sqlalchemy import Engine

from issuer import store
from issuer.keys import KeyStore
from issuer.polls import own_entry
from issuer.publication import BoxRefused, NotDelivered, says_later
from shared.db import read, write
from shared.encoding import from_b64u
from shared.manifest import Poll
from shared.statements import Kind, Statement, StatementInvalid, parse_statement, verify_statement

TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)


class SignaturesMissing(Exception):
    """More issuers must sign: the statement so far is the exception's argument, as a file for them."""


class SaidOtherwise(Exception):
    """Another statement of this kind on this poll is there."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks for one issuer, given by its URL."""

    engine: Engine
    keys: KeyStore
    url: str
    http: httpx.Client

    def say(self, kind: Kind, poll: Poll, text: Mapping[str, str]) -> None:
        """Sign, keep and deliver a statement; repeatable.

        Raises SignaturesMissing, SaidOtherwise, NotDelivered (it is kept and will be delivered), BoxRefused
        (it was not said: nothing of it is kept).
        """
        self.deliver(poll, self.sign(poll, Statement(kind, poll.poll_id, dict(text))))

    def sign(self, poll: Poll, statement: Statement) -> Statement:
        """The statement with this issuer's signature, by the key that the poll's manifest names."""
        entry = own_entry(poll, self.url)
        seed = self.keys.statement_seed(from_b64u(entry.statement_key))
        return statement.signed(seed, poll.manifest.issuers.index(entry))

    def poll_of(self, statement: Statement) -> Poll:
        """The poll that a statement is about. Raises StatementInvalid when it is none of ours."""
        with read(self.engine) as conn:
            poll = store.find_poll(conn, statement.poll_id)
        if poll is None:
            raise StatementInvalid("of a poll that this issuer does not have")
        return poll

    def countersign(self, statement: Statement) -> Statement:
        """Another issuer's statement, with our signature where signatures are missing.

        One that is complete stays as it is, for all issuers must deliver the same bytes. Raises
        StatementInvalid.
        """
        poll = self.poll_of(statement)
        return self.sign(poll, statement) if _is_short(poll, statement) else statement

    def deliver(self, poll: Poll, statement: Statement) -> None:
        """Keep a statement that enough issuers signed, and bring it to the box.

        Raises as `say`, and StatementInvalid.
        """
        if _is_short(poll, statement):
            raise SignaturesMissing(statement.encoded)
        verify_statement(poll, statement)
        with write(self.engine) as conn:
            if not store.keep_statement(conn, statement):
                raise SaidOtherwise
        try:
            self._send(poll, statement)
        except BoxRefused:
            with write(self.engine) as conn:
                store.forget_statement(conn, statement)
            raise
        with write(self.engine) as conn:
            store.delivered(conn, statement)

    def finish(self) -> None:
        """Deliver what is kept and not delivered: again next time where the box does not answer.

        What the box refuses was not said; one refusal does not hold up the others.
        """
        with read(self.engine) as conn:
            waiting = store.undelivered(conn)
        for poll, kind, encoded in waiting:
            try:
                self.deliver(poll, parse_statement(kind, encoded))
            except NotDelivered:
                continue
            except BoxRefused as refused:
                structlog.get_logger().error(
                    "statement-refused", poll_id=poll.poll_id.hex()[:8], error=str(refused)
                )

    def _send(self, poll: Poll, statement: Statement) -> None:
        url = f"{poll.manifest.ballot_box.url}/polls/{poll.poll_id.hex()}/{statement.kind}"
        headers = {"Content-Type": "application/json"}
        try:
            answer = self.http.put(url, content=statement.encoded, headers=headers, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise NotDelivered(f"the ballot box does not answer ({type(error).__name__})") from None
        if says_later(answer.status_code):
            raise NotDelivered(f"the ballot box answers {answer.status_code}")
        if answer.status_code not in (200, 201):
            raise BoxRefused(f"the ballot box answers {answer.status_code}")


def _is_short(poll: Poll, statement: Statement) -> bool:
    return len(statement.signatures) < poll.manifest.threshold
