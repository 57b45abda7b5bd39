"""How fast `veche-audit verify` is and how much memory it takes, beside `openssl speed` in the same run.

`speed` is a ratio: ballots per second of the audit on all cores, from start to verdict, divided by the rate
of `openssl speed` at the two bare signature checks of a ballot on all cores (mean of before and after).
`processor_us`: processor microseconds per ballot, all of the audit's processes. `memory_mb`: the largest sum
over all processes (PSS: a page that several share counts once). The last line of stdout is one JSON object.

    python -m bench.audit [BALLOTS]     100,000 by default, 5,000 with QUICK=1
"""

import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from bench.record import large_record

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans become our children."""

RESULTS = Path(__file__).with_name("results.json")
AUDIT = str(Path(sys.executable).parent / "veche-audit")


def bare_rate() -> float:
    """Pairs of one RSA-3072 and one ECDSA P-256 verification per second on all cores, by `openssl speed`."""
    cores = str(os.cpu_count())
    command = [
        "openssl",
        "speed",
        "-mr",
        "-elapsed",
        "-multi",
        cores,
        "-seconds",
        "2",
        "rsa3072",
        "ecdsap256",
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rsa = re.search(r"^\+F2:\d+:3072:[\d.e-]+:([\d.e-]+)", output, re.MULTILINE)
    ecdsa = re.search(r"^\+F4:\d+:256:[\d.e-]+:([\d.e-]+)", output, re.MULTILINE)
    if rsa is None or ecdsa is None:
        raise RuntimeError("openssl speed prints something else than it used to")
    return 1 / (1 / float(rsa[1]) + 1 / float(ecdsa[1]))


def measured(folder: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak megabytes of an audit. Raises RuntimeError unless verified."""
    argv = [AUDIT, "verify", str(folder), "--trust", str(folder / "trust.json")]
    before, start, peak = _processor_seconds(), time.monotonic(), 0.0
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_megabytes, _family(process.pid))))
            time.sleep(1)
    wall = time.monotonic() - start
    if process.returncode != 0:
        raise RuntimeError("the honest record is not verified")
    _wait_for_orphans()
    return wall, _processor_seconds() - before, peak


def _wait_for_orphans() -> None:
    """The audit's fork server outlives it for a moment; its processor time counts, too."""
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


def main() -> None:
    """Make the record if need be, measure, print a line for people and the JSON."""
    default = 5_000 if os.environ.get("QUICK") else 100_000
    ballots = int(sys.argv[1]) if len(sys.argv) > 1 else default
    folder = large_record(ballots)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    first = bare_rate()
    wall, processor, peak = measured(folder)
    bare = (first + bare_rate()) / 2
    row = {
        "ballots": ballots,
        "memory_mb": round(peak),
        "per_second": round(ballots / wall),
        "processor_us": round(processor / ballots * 1e6),
        "speed": round(ballots / wall / bare, 3),
    }
    print(
        f"audit of {ballots} ballots: {row['speed']:.0%} of the speed of bare signature checks, "
        f"{row['per_second']} ballots per second here, {row['memory_mb']} MB"
    )
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    line = json.dumps(results | {"audit": row}, sort_keys=True)
    RESULTS.write_text(line + "\n", encoding="utf-8")
    print(line)


if __name__ == "__main__":
    main()
