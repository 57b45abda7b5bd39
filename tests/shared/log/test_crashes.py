"""A process that dies at the worst moments; the next one repairs by repeating."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from crypto import merkle
from shared.db import read
from shared.log.publisher import published_size
from tests.databases import chosen, database_url
from tests.shared.log.conftest import LOG_ID, open_log

pytestmark = pytest.mark.faults

DYING = """
import os, signal, sys
from pathlib import Path
from unittest import mock
from shared.db import write
from tests.shared.log.conftest import LOG_ID, open_log

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

log = open_log(Path(sys.argv[1]), sys.argv[3])
log.append(*(f"old {n}".encode() for n in range(3)))
log.sequence()
log.publish()
log.append(*(f"new {n}".encode() for n in range(300)))
print("acknowledged", flush=True)
with mock.patch(sys.argv[2], die):
    log.sequence()
    log.publish()
print("survived", flush=True)
"""

MOMENTS = {
    "between indices and tiles": ("shared.log.sequencer._extend", 3, 3),
    "between tiles and head": ("crypto.merkle.Frontier.root", 3, 3),
    "after the commit, before the head is read": ("shared.log.publisher.head_of", 303, 3),
    "before the mark is in its place": ("pathlib.Path.replace", 303, 3),
    "after the mark, before the signature": ("shared.log.signer.sign_checkpoint", 303, 303),
    "after the signature, before it is stored": ("shared.log.publisher.insert_new", 303, 303),
}
"""Moment -> function that is never reached, size of the head left behind, size in the mark left behind."""


@pytest.mark.parametrize(("function", "committed", "marked"), MOMENTS.values(), ids=MOMENTS)
def test_what_was_acknowledged_is_published_by_the_next_process(
    tmp_path: Path, function: str, committed: int, marked: int
) -> None:
    open_log(tmp_path).engine.dispose()
    argv = [sys.executable, "-c", DYING, str(tmp_path), function, database_url(tmp_path / "log.sqlite")]
    child = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (child.returncode, child.stdout) == (-9, "acknowledged\n"), child.stderr
    log = open_log(tmp_path)
    last = log.signer.last_signed()
    assert last is not None
    with read(log.engine) as connection:
        assert published_size(connection, log.tables, LOG_ID) == 3
    assert (len(log.entries()), last.size) == (committed, marked)
    log.sequence()
    checkpoint = log.publish()
    written = log.entries()
    assert sorted(written[:3]) == [f"old {n}".encode() for n in range(3)]
    assert sorted(written[3:]) == sorted(f"new {n}".encode() for n in range(300))
    assert checkpoint.root == merkle.root_of(map(merkle.leaf_hash, written))
    if marked == 303:
        assert last == checkpoint
    log.engine.dispose()


KILLED = """
import sys
from pathlib import Path
from tests.shared.log.conftest import open_log
log = open_log(Path(sys.argv[1]), sys.argv[3])
for n in range(100000):
    log.append(f"{sys.argv[2]} {n}".encode())
    print(n, flush=True)
    if n % 7 == 0:
        log.sequence(); log.publish()
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    open_log(tmp_path).engine.dispose()
    acknowledged = []
    for run in range(3):
        url = database_url(tmp_path / "log.sqlite")
        argv = [sys.executable, "-c", KILLED, str(tmp_path), str(run), url]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(20 + 3 * run):
                acknowledged.append(f"{run} {process.stdout.readline().strip()}".encode())
            process.kill()
    log = open_log(tmp_path)
    log.sequence()
    checkpoint = log.publish()
    written = log.entries()
    assert set(acknowledged) <= set(written)
    assert len(set(written)) == len(written) == checkpoint.size
    if chosen() == "sqlite":
        with read(log.engine) as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    log.engine.dispose()
