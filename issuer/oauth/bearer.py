"""What an access token is worth (RFC 6750): the pseudonym of its holder in one poll."""

from datetime import datetime

from sqlalchemy import Connection

from issuer.keys import VoterPseudonym
from issuer.oauth.store import pseudonyms_of
from shared.refusals import NotAuthorized, PollNotGranted


def authorized_pseudonym(
    conn: Connection, access_token: str, poll_id: bytes, now: datetime
) -> VoterPseudonym:
    """The pseudonym that the token stands for in this poll. Raises NotAuthorized, PollNotGranted."""
    granted = pseudonyms_of(conn, access_token, now)
    if not granted:
        raise NotAuthorized
    if poll_id not in granted:
        raise PollNotGranted
    return granted[poll_id]
