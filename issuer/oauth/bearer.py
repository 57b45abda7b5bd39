"""What an access token is worth (RFC 6750): the pseudonym of its holder in one poll."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from issuer.keys import VoterPseudonym
from issuer.oauth.store import grants_of
from shared.refusals import NotAuthorized, PollNotGranted, Refusal


def bearer_token(authorization: str) -> str:
    """The access token of an Authorization header; empty where it has none."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def authorized_pseudonyms(
    conn: Connection, asked: Sequence[tuple[str, bytes]], now: datetime
) -> list[VoterPseudonym | Refusal]:
    """Access tokens and poll ids -> whom each token stands for in that poll; or why it stands for nobody."""
    granted = grants_of(conn, {token for token, _ in asked}, now)
    return [
        granted[token].get(poll_id) or PollNotGranted() if token in granted else NotAuthorized()
        for token, poll_id in asked
    ]
