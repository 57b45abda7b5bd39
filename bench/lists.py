"""The lists of polls of a ballot box, with few and with many polls that are over."""

import secrets
import tempfile
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

from ballot_box import store, tables
from ballot_box.manifests import LOG_ID_SIZE
from bench.record import VAR
from bench.rows import QUICK, Row
from shared.db import write
from shared.log.sequencer import create_log
from shared.manifest import Poll, build_manifest
from shared.publication import encode_signatures
from tests.ballot_box.box import BOX_URL, Box, poll_members
from tests.simulator import log_key, seed
from tests.watch import NOON

FEW, MANY = (60, 600) if QUICK else (150, 1_500)
"""Polls that are over: a region's of a month, and of a year."""
OPEN: Final = 20
LISTS: Final = {"/": "front page", "/archive": "first page of the archive"}


def rows() -> list[Row]:
    """What a list costs beside many polls, against the same list beside few."""
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        few, many = (_costs(Path(folder) / str(number), number) for number in (FEW, MANY))
    return [
        Row(f"{name} of the box beside {MANY} polls, against {FEW}", 1e3 * many[path], "ms",
            1e3 * few[path], many[path] / few[path], 1.5, most=True)
        for path, name in LISTS.items()
    ]  # fmt: skip


def _costs(folder: Path, number: int) -> dict[str, float]:
    """Seconds of each list, the best of some, once the process has read the polls."""
    folder.mkdir()
    box = Box(folder)
    offer = box.ask_log().get_json()
    with write(box.engine) as conn:
        for minutes in range(-number, OPEN):
            log_id = secrets.token_hex(LOG_ID_SIZE)
            store.add_poll(conn, _poll(offer, log_id, minutes + 1), log_id, encode_signatures([]))
            create_log(conn, tables.log, log_id)
    return {path: min(_seconds(box, path) for _ in range(10)) for path in LISTS}


def _poll(offer: dict[str, str], log_id: str, minutes: int) -> Poll:
    """A poll of an hour that closes so many minutes after NOON."""
    members = poll_members(offer, NOON + timedelta(minutes=minutes - 60))
    url = f"{BOX_URL}/log/{log_id}"
    members["ballot_box"] |= {"log_url": url, "log_key": log_key(url, seed("box log"))}
    return build_manifest(members)


def _seconds(box: Box, path: str) -> float:
    start = time.perf_counter()
    if box.http.get(path).status_code != HTTPStatus.OK:
        raise AssertionError(path)
    return time.perf_counter() - start
