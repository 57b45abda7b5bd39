"""The resident's choice: from ticked polls to a grant, once."""

from collections.abc import Iterable, Mapping

from issuer.keys import VoterPseudonym
from issuer.oauth import store
from issuer.oauth.session import BrowserSession
from issuer.oauth.store import Decision, SignIn
from issuer.services import Services
from shared.db import write
from shared.encoding import EncodingRefused, from_hex
from shared.refusals import MalformedRequest, SignInCancelled, SignInExpired


def choose(
    here: Services, session: BrowserSession, ticked: Iterable[str]
) -> tuple[SignIn, tuple[bytes, ...]]:
    """Grant the ticked polls (ids in hex) under the session's code; what was asked, and what is granted.

    A form sent twice gets the same code while it is unused, and the polls of the first time. Raises
    SignInExpired, and MalformedRequest for a poll that was not offered.
    """
    now = here.clock()
    with write(here.engine) as conn:
        wanted, stage = store.find(conn, session.id, now)
        if stage == "choosing":
            polls = _offered(store.decisions_of(conn, session.id), ticked)
            if not polls:
                return wanted, ()
            store.advance(conn, session.id, now, before="choosing", after="answered")
            store.forget_decisions(conn, session.id)
            store.add_grant(conn, session.code, wanted.code_challenge, polls, now)
            return wanted, tuple(sorted(polls))
        grant = store.find_grant(conn, session.code, now)
    if grant is None or grant.used:
        raise SignInExpired
    return wanted, grant.polls


def decline(here: Services, session: BrowserSession) -> tuple[SignIn, str]:
    """End a sign-in without a grant; what was asked, and the slug that answers it. Raises SignInExpired."""
    with write(here.engine) as conn:
        wanted, _ = store.find(conn, session.id, here.clock())
        decisions = store.decisions_of(conn, session.id)
        store.end(conn, session.id)
    asked = [decisions[poll_id] for poll_id in wanted.polls if poll_id in decisions]
    if not asked or any(made.refusal is None for made in asked):
        return wanted, SignInCancelled.slug
    return wanted, asked[0].refusal or ""


def _offered(decisions: Mapping[bytes, Decision], ticked: Iterable[str]) -> dict[bytes, VoterPseudonym]:
    polls = {}
    for text in ticked:
        try:
            made = decisions.get(from_hex(text, size=32))
        except EncodingRefused:
            raise MalformedRequest from None
        if made is None or made.pseudonym is None:
            raise MalformedRequest
        polls[made.poll_id] = made.pseudonym
    return polls
