"""How many tokens or receipts a poll gave, outside of the database: a restored one has forgotten some.

The signed head of a log tells of them only once their batch is out.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.durable import sync_folder

_SIZE: Final = 20
"""Bytes of the file: a number with leading zeros, and a newline. Within one sector: written whole or not."""


class Forgotten(Exception):
    """The database knows of fewer than were given, or the mark does not read."""


@dataclass(frozen=True, slots=True)
class GivenMark:
    """A file beside the keys, and what it counts. Several processes may share it."""

    path: Path
    what: str

    def check(self, known: int) -> None:
        """Check that a database that knows of so many has forgotten none. Raises Forgotten.

        The number is of a transaction that holds the writing lock: else more may be given meanwhile.
        """
        try:
            marked = _number(self.path.read_bytes())
        except FileNotFoundError:
            return
        if marked > known:
            raise Forgotten(f"{marked} {self.what} were given, the database knows of {known}")

    def raise_to(self, given: int) -> None:
        """Remember that so many were given; durable when it returns. Raises Forgotten, OSError."""
        with self._opened() as descriptor:
            if _number(os.pread(descriptor, _SIZE, 0)) < given:
                os.pwrite(descriptor, f"{given:0{_SIZE - 1}}\n".encode("ascii"), 0)
                os.fdatasync(descriptor)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, locked; made if it is not there."""
        new = not self.path.exists()
        if new:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
            if new:
                for folder in self.path.parents[:2]:
                    sync_folder(folder)
        finally:
            os.close(descriptor)


def _number(data: bytes) -> int:
    """Of a file that was made and never written, 0."""
    if not data:
        return 0
    if len(data) != _SIZE or not data[:-1].isdigit():
        raise Forgotten("the mark of what was given does not read")
    return int(data)
