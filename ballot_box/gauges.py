"""What the ballot box measures of itself for those who watch it: no person, no poll, no address."""

import shutil
import time
from collections.abc import Iterator

from ballot_box import store, tables
from ballot_box.services import Services
from shared.db import read
from shared.log.publisher import published_size
from shared.log.sequencer import head_of, waiting


def gauges(box: Services) -> Iterator[tuple[str, str, float]]:
    """Name, meaning and value of each gauge, sums over all logs."""
    now, logs = box.clock(), 0
    queue = unsigned = open_polls = 0
    with read(box.engine) as conn:
        for poll in store.unfinished_polls(conn):
            size = head_of(conn, tables.log, poll.log_id).size
            queue += waiting(conn, tables.log, poll.log_id)
            unsigned += size - published_size(conn, tables.log, poll.log_id)
            open_polls += poll.manifest.opens_at <= now < poll.manifest.closes_at
            logs += 1
    yield "veche_box_polls_open", "Polls that take ballots now", open_polls
    yield "veche_box_logs_unfinished", "Poll logs without a result", logs
    yield "veche_box_ballots_waiting", "Acknowledged ballots without an index", queue
    yield "veche_box_leaves_unpublished", "Leaves under no published checkpoint", unsigned
    yield "veche_box_read_only", "1 while the box takes nothing", box.state.is_read_only()
    yield (
        "veche_box_disk_free_bytes",
        "Free bytes at the state folder",
        shutil.disk_usage(box.settings.state).free,
    )
    yield "veche_box_mark_age_seconds", "Since a head was last signed", time.time() - box.state.last_mark()
