"""How fast `veche-audit verify` is and how much memory it takes, beside `openssl speed` in the same run.

The ratio: ballots per second of the audit on all cores, from start to verdict, divided by the rate of
`openssl speed` at the two bare signature checks of a ballot on all cores (mean of before and after); of
three audits the one in the middle, for a shared machine is not the same from one ten seconds to the next.
A fourth is for the memory: to look at that costs the audit some hundredths of its speed.
The goal is about 100,000 ballots and more: of 5,000 (`QUICK=1`) a third of the time is start-up, so that they
are printed and not judged.
Memory: the largest sum over all processes (PSS: a page that several share counts once).

    python -m bench.audit [BALLOTS]     100,000 by default, 5,000 with QUICK=1
"""

import ctypes
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench.openssl import bare_rate
from bench.record import large_record
from bench.rows import QUICK, Row, report, share

PAUSE = 0.2
"""Seconds between two looks at the memory."""
PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans become our children."""

MEMORY_MB = 300
GOAL = 0.6
JUDGED = 100_000
"""Ballots from which on start-up is not what the ratio tells of."""
ROUNDS = 1 if QUICK else 3

AUDIT = str(Path(sys.executable).parent / "veche-audit")


class Round(NamedTuple):
    """One audit: ballots and bare checks per second, processor seconds of a ballot."""

    rate: float
    bare: float
    processor: float


def measured(folder: Path) -> tuple[float, float]:
    """Wall seconds and processor seconds of an audit. Raises RuntimeError unless verified."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    _wait_for_orphans()  # of earlier measurements: theirs is not ours
    before, start = _processor_seconds(), time.monotonic()
    with _auditing(folder):
        pass
    wall = time.monotonic() - start
    _wait_for_orphans()
    return wall, _processor_seconds() - before


def peak_megabytes(folder: Path) -> float:
    """The most memory of an audit. Raises RuntimeError unless verified."""
    peak = 0.0
    with _auditing(folder) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_megabytes, _family(process.pid))))
            with suppress(subprocess.TimeoutExpired):
                process.wait(PAUSE)
    return peak


@contextmanager
def _auditing(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An audit that has begun, and at the end of the block has ended."""
    argv = [AUDIT, "verify", str(folder), "--trust", str(folder / "trust.json")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process
        process.communicate()
    if process.returncode != 0:
        raise RuntimeError("the honest record is not verified")


def _wait_for_orphans() -> None:
    """An audit's fork server outlives it for a moment; its processor time counts, too."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _megabytes(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def rows(ballots: int) -> list[Row]:
    """The audit of so many ballots; the record is made if it is not there."""
    folder, cores = large_record(ballots), os.cpu_count() or 1
    bare = bare_rate(cores)
    rounds = []
    for _ in range(ROUNDS):
        wall, processor = measured(folder)
        before, bare = bare, bare_rate(cores)
        rounds.append(Round(ballots / wall, (before + bare) / 2, processor / ballots))
    peak = peak_megabytes(folder)
    middle = sorted(rounds, key=lambda one: one.rate / one.bare)[ROUNDS // 2]
    name = f"audit of {ballots} ballots, " + (
        "all cores" if ballots >= JUDGED else "start-up among it: no goal"
    )
    goal = GOAL if ballots >= JUDGED else None
    return [
        share(name, middle.rate, "per second", middle.bare, goal),
        Row(f"audit of {ballots} ballots, processor time", middle.processor * 1e6, "us a ballot"),
        Row(f"audit of {ballots} ballots, memory", peak, "MB", MEMORY_MB, peak / MEMORY_MB, 1, most=True),
    ]


def main() -> None:
    """Measure and report."""
    default = 5_000 if QUICK else 100_000
    report(rows(int(sys.argv[1]) if len(sys.argv) > 1 else default))


if __name__ == "__main__":
    main()
