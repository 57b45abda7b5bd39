"""The trustees of the journey: a ceremony for each poll, and its opening by any two of three."""

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.programs.installation import Installation
from tests.programs.trustee import Held, hold_ceremony, open_poll

PRESENT: Final = ((0, 2), (1, 2), (0, 1))
"""Which two of the three come to the opening of each poll."""
TRUSTEES: Final = ("А. А. Первая", "Б. Б. Второй", "В. В. Третья")


class Trustees:
    """Three people with a sheet each, for one poll."""

    def __init__(self, folder: Path, present: tuple[int, int]) -> None:
        """Hold the ceremony in this folder. `present`: who comes to the opening."""
        names = [argument for name in TRUSTEES for argument in ("--name", name)]
        self.held: Held = hold_ceremony(folder, *names)
        self._present = present

    def open(self, installation: Installation, poll_id: str, seconds: float) -> Iterator[str]:
        """Open a poll whose time is over; what went otherwise than it should."""
        first, second = (self.held.shares[number] for number in self._present)
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        while (alone := _open(installation, poll_id, first)).returncode == 0 or (
            "nothing is opened" not in alone.stderr and datetime.now(UTC) < until
        ):
            if alone.returncode == 0:
                yield "one trustee alone opened the poll"
                return
            time.sleep(1)
        done = _open(installation, poll_id, first, second)
        if done.returncode != 0:
            yield f"two trustees cannot open: {done.stderr.strip()}"

    def try_early(self, installation: Installation, poll_id: str) -> Iterator[str]:
        """All trustees try while people vote; what went otherwise than it should."""
        if _open(installation, poll_id, *self.held.shares).returncode != 1:
            yield "the trustees opened the poll before its closing"


def _open(installation: Installation, poll_id: str, *shares: str) -> subprocess.CompletedProcess[str]:
    done = open_poll(f"{installation.url('box')}/polls/{poll_id}", installation.trust_file, *shares)
    installation.keep_output(done)
    return done
