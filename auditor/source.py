"""Where public data come from: a folder, a record zip (docs/protocol.md 9.1), or `auditor.web`.

Every read is bounded in size and time by its caller's limit; nothing here judges what it reads.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditor.record_zip import BadZip, open_record_zip
from shared.record import record_path


class NotThere(Exception):
    """The source answers that it has no such file."""


class OutOfReach(Exception):
    """The source does not answer, or not as it should."""


Fetch = Callable[[str, int], bytes]
"""The bytes at a URL, at most so many. Raises NotThere or OutOfReach."""

OpenSource = Callable[[], Fetch]
"""Opens a source anew; every process opens its own."""


@dataclass(frozen=True)
class Mirror:
    """A web server that shows a folder of docs/protocol.md 9.1 below `base`, which ends with a slash."""

    web: OpenSource
    base: str

    def __call__(self) -> Fetch:
        """Open a connection pool."""
        fetch = self.web()
        return lambda url, limit: fetch(self.base + record_path(url), limit)


@dataclass(frozen=True)
class Folder:
    """A folder that mirrors the services' URL paths; a path that leaves it is not there."""

    root: Path

    def __call__(self) -> Fetch:
        """Nothing is held open."""
        return partial(self._read, self.root.resolve())

    @staticmethod
    def _read(root: Path, url: str, limit: int) -> bytes:
        path = (root / record_path(url)).resolve()
        with suppress(OSError, ValueError):
            if path.is_relative_to(root) and path.is_file():
                return _head_of(path, url, limit)
        raise NotThere(url)


def _head_of(path: Path, url: str, limit: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OutOfReach(f"{url}: more than {limit} bytes")
    return data


@dataclass(frozen=True)
class Zip:
    """A record zip."""

    path: Path

    def __call__(self) -> Fetch:
        """Open the file and read its directory. Raises OutOfReach when it is no record zip."""
        try:
            record = open_record_zip(self.path)
        except BadZip as bad:
            raise OutOfReach(f"{self.path.name}: {bad}") from None

        def fetch(url: str, limit: int) -> bytes:
            try:
                return record.read(record_path(url), limit)
            except KeyError:
                raise NotThere(url) from None
            except BadZip as bad:
                raise OutOfReach(f"{url}: {bad}") from None

        return fetch

    def names(self) -> list[str]:
        """The paths of its members. Raises OutOfReach."""
        try:
            return list(open_record_zip(self.path).members)
        except BadZip as bad:
            raise OutOfReach(f"{self.path.name}: {bad}") from None
