"""What the issuer measures of itself for those who watch it: no person, no poll, no address."""

import shutil
from collections.abc import Iterator

from sqlalchemy import Engine

from issuer import store, tables
from issuer.keys import KeyStore
from issuer.polls import log_id, open_polls, own_entry
from issuer.settings import Settings
from shared.clock import Clock
from shared.db import read
from shared.log.publisher import published_size
from shared.log.sequencer import head_of, waiting


def gauges(
    settings: Settings, engine: Engine, keys: KeyStore, clock: Clock
) -> Iterator[tuple[str, str, float]]:
    """Name, meaning and value of each gauge, sums over the polls that are not archived."""
    now = clock()
    queue = unsigned = overdue = 0
    with read(engine) as conn:
        giving = len(open_polls(conn, now))
        for poll in store.unarchived(conn):
            log = log_id(own_entry(poll, settings.url))
            queue += waiting(conn, tables.log, log)
            unsigned += head_of(conn, tables.log, log).size - published_size(conn, tables.log, log)
            overdue += now >= poll.manifest.include_by and keys.has_token_key(poll.poll_id)
    yield "veche_issuer_polls_open", "Polls that give tokens now", giving
    yield "veche_issuer_issuances_waiting", "Issuances without an index", queue
    yield "veche_issuer_leaves_unpublished", "Leaves under no published checkpoint", unsigned
    yield "veche_issuer_token_keys_overdue", "Token keys that should be destroyed", overdue
    yield (
        "veche_issuer_disk_free_bytes",
        "Free bytes at the state folder",
        shutil.disk_usage(settings.state).free,
    )
