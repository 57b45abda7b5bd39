"""Raw capacity of the box by wrk, a load generator in C: it takes less of its core than ours in Python.

wrk is Debian's package of that name; without it there is no row. It runs for whole seconds, not for a number
of requests, so that it is told to run no longer than the prepared ballots last.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.casting import CONNECTIONS, GROUPED, HOST, requests, server
from bench.openssl import bare_rate
from bench.record import VAR
from bench.rows import Row, report, share

WRK: Final = shutil.which("wrk")
SCRIPT: Final = Path(__file__).with_name("ballots.lua")
PER_SECOND: Final = 3000
"""More than a core takes today."""


def rows() -> list[Row]:
    """Ballots that wrk gets accepted, each sent once."""
    if WRK is None:
        print("no row of wrk: it is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return []
    ballots = requests()
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    try:
        limit = bare_rate(1)
        with server(GROUPED, "asgi") as box:
            said = _run(WRK, box.port, ballots)
        limit = (limit + bare_rate(1)) / 2
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    if said["failed"]:
        raise RuntimeError("the box refused ballots of wrk")
    if said["answers"] + CONNECTIONS > len(ballots):
        print("no row of wrk: the box took all ballots before the time was over", file=sys.stderr)
        return []
    rate = said["answers"] / said["microseconds"] * 1e6
    return [share("casting by wrk, full sync", rate, "per second", limit)]


def _run(wrk: str, port: int, ballots: list[bytes]) -> dict[str, int]:
    seconds = max(1, len(ballots) // PER_SECOND)
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT)]
    with tempfile.NamedTemporaryFile(dir=VAR) as file:
        file.write(b"".join(struct.pack(">I", len(ballot)) + ballot for ballot in ballots))
        file.flush()
        argv = [wrk, *options, f"http://{HOST}:{port}/", "--", file.name]
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
    said: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return said


if __name__ == "__main__":
    report(rows())
