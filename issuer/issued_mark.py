"""How many tokens a poll gave, remembered outside of the database: a restored old one has forgotten some.

The head of the issuance log says so only once a batch is out, a day later at most.
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
    """The database has fewer issuances than tokens were given, or the mark does not read."""


@dataclass(frozen=True, slots=True)
class IssuedMark:
    """A file beside the poll's keys. Several processes may share it."""

    path: Path

    def check(self, issued: int) -> None:
        """Check that a database that knows so many issuances has forgotten none. Raises Forgotten."""
        try:
            marked = _number(self.path.read_bytes())
        except FileNotFoundError:
            return
        if marked > issued:
            raise Forgotten(f"{marked} tokens were given, the database knows of {issued}")

    def raise_to(self, issued: int) -> None:
        """Remember that so many were given; durable when it returns. Raises Forgotten, OSError."""
        with self._opened() as descriptor:
            if _number(os.pread(descriptor, _SIZE, 0)) < issued:
                os.pwrite(descriptor, f"{issued:0{_SIZE - 1}}\n".encode("ascii"), 0)
                os.fdatasync(descriptor)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, locked; made if it is not there."""
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
            if new:
                sync_folder(self.path.parent)
        finally:
            os.close(descriptor)


def _number(data: bytes) -> int:
    """Of a file that was made and never written, 0."""
    if not data:
        return 0
    if len(data) != _SIZE or not data[:-1].isdigit():
        raise Forgotten("the mark of issued tokens does not read")
    return int(data)
