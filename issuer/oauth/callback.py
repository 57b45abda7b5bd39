"""ESIA's answer: taken once, by the browser that asked, and forgotten as soon as it is judged."""

import secrets
from collections.abc import Mapping
from typing import Final

import structlog

from issuer.esia import errors
from issuer.esia.errors import EsiaError, EsiaRefused
from issuer.oauth import store
from issuer.oauth.decisions import decide, refuse_all
from issuer.oauth.session import SECRET_SIZE, BrowserSession
from issuer.oauth.store import Decision, SignIn
from issuer.services import Services
from shared.db import read, write
from shared.refusals import AccountNotConfirmed, Refusal, SignInCancelled, SignInExpired

ANSWERS: Final[Mapping[str, type[Refusal]]] = {
    errors.CANCELLED: SignInCancelled,
    errors.NOT_CONFIRMED: AccountNotConfirmed,
}
"""ESIA's refusals that are about the person. All others are faults between ESIA and us."""


def take_answer(here: Services, session: BrowserSession, answer: Mapping[str, str]) -> BrowserSession:
    """Judge the person whom ESIA's answer stands for; the session in which the resident chooses.

    Raises SignInExpired (another browser's answer, a second one, a late one), SignInCancelled, EsiaError
    (nothing is decided and the sign-in may be repeated).
    """
    session.check_esia_state(answer.get("state", ""))
    with write(here.engine) as conn:
        wanted = store.advance(conn, session.id, here.clock(), before="at-esia", after="interrupted")
    decisions = _decisions(here, session, wanted, answer)
    chosen = new_session()
    with write(here.engine) as conn:
        store.advance(
            conn, session.id, here.clock(), before="interrupted", after="choosing", new_session=chosen.id
        )
        store.keep_decisions(conn, chosen.id, decisions)
    return chosen


def ask_again(here: Services, session: BrowserSession) -> BrowserSession:
    """A new session for a sign-in that ESIA interrupted. Raises SignInExpired."""
    new = new_session()
    with write(here.engine) as conn:
        store.advance(
            conn, session.id, here.clock(), before="interrupted", after="at-esia", new_session=new.id
        )
    return new


def interrupt(here: Services, session: BrowserSession) -> None:
    """Let a sign-in wait that could not be sent to ESIA. Raises SignInExpired."""
    with write(here.engine) as conn:
        store.advance(conn, session.id, here.clock(), before="at-esia", after="interrupted")


def esia_address(here: Services, session: BrowserSession) -> str:
    """Where to send the browser. Raises SignerFailed."""
    return here.esia.authorization_url(session.esia_state, session.esia_verifier)


def new_session() -> BrowserSession:
    """A session that nobody has seen."""
    return BrowserSession(secrets.token_bytes(SECRET_SIZE))


def _decisions(
    here: Services, session: BrowserSession, wanted: SignIn, answer: Mapping[str, str]
) -> list[Decision]:
    if "error" in answer:
        return _refused(wanted, errors.refusal(answer.get("error_description")))
    if not answer.get("code"):
        raise SignInExpired
    person = here.esia.person(here.esia.exchange(answer["code"], session.esia_verifier))
    with read(here.engine) as conn:
        return decide(conn, person, wanted.polls, here.clock(), keys=here.keys, residency=here.residency)


def _refused(wanted: SignIn, refused: EsiaRefused) -> list[Decision]:
    word = ANSWERS.get(refused.code)
    if word is None:
        raise refused
    if word is SignInCancelled:
        raise SignInCancelled
    return refuse_all(wanted.polls, word.slug)


def log_esia(error: EsiaError) -> None:
    """Tell the operator: codes and field names, never what ESIA sent of a person."""
    structlog.get_logger().warning("esia-failed", error=f"{type(error).__name__}: {error}")
