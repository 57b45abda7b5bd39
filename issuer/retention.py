"""What of persons ends by itself, docs/retention.md. The archive of a poll is in `issuer.archive`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from issuer.admin.purge import purge as purge_officials
from issuer.oauth.store import purge as purge_sign_ins
from issuer.self_check.store import purge as purge_self_checks
from issuer.settings import Settings


def purges(settings: Settings, engine: Engine) -> dict[str, Callable[[datetime], None]]:
    """The worker's chores that delete what has expired, by the event that a failure is logged as."""
    return {
        "purge-failed": partial(purge_sign_ins, engine),
        "self-check-purge-failed": partial(purge_self_checks, engine),
        "officials-purge-failed": partial(purge_officials, engine, kept_days=settings.officials_kept_days),
    }
