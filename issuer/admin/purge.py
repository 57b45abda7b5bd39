"""What is kept of officials is forgotten some days after their period."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from issuer.admin import applications, officials, sessions
from shared.db import write


def purge(engine: Engine, now: datetime, *, kept_days: int) -> None:
    """Delete expired sessions, and officials and applications whose time is over."""
    ended_before = now - timedelta(days=kept_days)
    with write(engine) as conn:
        sessions.purge(conn, now)
        officials.purge(conn, ended_before)
        applications.purge(conn, ended_before)
