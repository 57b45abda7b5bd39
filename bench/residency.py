"""The import of a region's address register: memory against the limit, addresses per second."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.rows import QUICK, Row
from tests.gar.extract import made_up, write

ADDRESSES: Final = 50_000 if QUICK else 200_000
LIMIT: Final = 300 << 20
"""Bytes that the import may take."""

_IMPORT: Final = """
import re, sys
from pathlib import Path
from issuer.residency.gar import import_gar
import_gar(Path(sys.argv[1]), Path(sys.argv[2]))
print(int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
"""
"""Its own peak: what getrusage tells begins with the memory of the process that started it."""


def rows() -> list[Row]:
    """The import runs in a process of its own, whose memory is measured."""
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "22"
        write(made_up(ADDRESSES), extract)
        started = time.perf_counter()
        command = [sys.executable, "-c", _IMPORT, str(extract), str(Path(folder) / "table")]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds = time.perf_counter() - started
    peak = int(said)
    return [
        Row(f"GAR import of {ADDRESSES}", ADDRESSES / seconds, "per second"),
        Row(
            f"GAR import of {ADDRESSES}, memory",
            peak / 2**20,
            "MB",
            LIMIT / 2**20,
            peak / LIMIT,
            1,
            most=True,
        ),
    ]
