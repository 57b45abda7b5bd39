"""From what ESIA says of a person to what may be granted. Of the person nothing but pseudonyms stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from issuer import store
from issuer.eligibility import check_window, judge
from issuer.esia.person import Person
from issuer.keys import KeyStore
from issuer.oauth.store import Decision
from issuer.polls import known_poll, open_polls
from issuer.residency.table import ResidencyTable
from shared.manifest import Poll
from shared.refusals import PollClosed, PollUnknown, Refusal


def check_any_open(conn: Connection, wanted: Sequence[bytes], now: datetime) -> None:
    """Before ESIA is asked about anybody: whether a wanted poll gives tokens at all.

    Raises the first poll's refusal: PollUnknown, PollNotOpen, PollClosed.
    """
    refusals = [_closed(conn, poll_id, now) for poll_id in wanted]
    if all(refusals) and refusals[0] is not None:
        raise refusals[0]


def decide(
    conn: Connection,
    person: Person,
    wanted: Sequence[bytes],
    now: datetime,
    *,
    keys: KeyStore,
    residency: ResidencyTable,
) -> list[Decision]:
    """Decide on the wanted polls, and on the other open ones as far as the person is eligible."""
    polls = {poll.poll_id: poll for poll in open_polls(conn, now)}
    made = [_decide(person, poll, now, keys, residency) for poll in polls.values()]
    kept = [decision for decision in made if decision.refusal is None or decision.poll_id in wanted]
    for poll_id in wanted:
        if poll_id not in polls:
            refusal = _closed(conn, poll_id, now) or PollUnknown()
            kept.append(Decision(poll_id, None, refusal.slug))
    return kept


def refuse_all(wanted: Sequence[bytes], slug: str) -> list[Decision]:
    """The same refusal for each wanted poll: it is the account's."""
    return [Decision(poll_id, None, slug) for poll_id in wanted]


def has_token(conn: Connection, decision: Decision) -> bool:
    """Whether this person was given a token of this poll before."""
    if decision.pseudonym is None:
        return False
    return store.find_issuance(conn, decision.poll_id, decision.pseudonym) is not None


def _decide(person: Person, poll: Poll, now: datetime, keys: KeyStore, residency: ResidencyTable) -> Decision:
    try:
        judge(person, poll, residency, now)
    except Refusal as refusal:
        return Decision(poll.poll_id, None, refusal.slug)
    return Decision(poll.poll_id, keys.pseudonym(poll.poll_id, person.snils), None)


def _closed(conn: Connection, poll_id: bytes, now: datetime) -> Refusal | None:
    if store.cancelled(conn, [poll_id]):
        return PollClosed()
    try:
        check_window(known_poll(conn, poll_id), now)
    except Refusal as refusal:
        return refusal
    return None
