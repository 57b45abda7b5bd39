"""Which (ballot key, revision) stand twice: exact, in bounded memory, whatever the number of ballots."""

import heapq
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Final

from auditor.faults import MAX_LISTED, Faults
from shared.revisions import replaced

RECORD_SIZE: Final = 32 + 4 + 8
"""SHA-256 of the ballot key, revision, leaf index (`auditor.bundles.Seen.keys`)."""

_IN_MEMORY: Final = 2**15


class KeyIndex:
    """Records in 256 files by the first byte of their hash; each is small enough to sort out in memory."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._waiting = [bytearray() for _ in range(256)]
        self._files: dict[int, IO[bytes]] = {}

    def __enter__(self) -> "KeyIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, records: bytes) -> None:
        """Take in the records of a bundle."""
        for at in range(0, len(records), RECORD_SIZE):
            waiting = self._waiting[records[at]]
            waiting += records[at : at + RECORD_SIZE]
            if len(waiting) > _IN_MEMORY:
                self._write(records[at])

    def repeated(self) -> Faults:
        """Every repetition by leaf index, ascending, with the first of the same key and revision."""
        number = sum(1 for _ in self._repetitions())
        first = heapq.nsmallest(MAX_LISTED, self._repetitions())
        lines = [f"leaf {index}: the same key and revision as leaf {earlier}" for index, earlier in first]
        return Faults(number, lines)

    def _repetitions(self) -> Iterator[tuple[int, int]]:
        return (pair for part in range(256) for pair in _repeated_in(self._shared(part)))

    def replaced(self) -> list[int]:
        """Leaf index of every ballot that does not count (docs/protocol.md 8.2 rule 2), ascending."""
        parts = (map(_parsed, self._shared(part)) for part in range(256))
        return sorted(index for part in parts for index in replaced(part))

    def _shared(self, part: int) -> list[bytes]:
        """The records whose ballot key stands more than once; without revoting there are none."""
        records = self._records(part)
        numbers = Counter(record[:32] for record in records)
        if len(numbers) == len(records):
            return []
        return [record for record in records if numbers[record[:32]] > 1]

    def _write(self, part: int) -> None:
        if part not in self._files:
            file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stack
            self._files[part] = self._stack.enter_context(file)
        self._files[part].write(self._waiting[part])
        self._waiting[part].clear()

    def _records(self, part: int) -> list[bytes]:
        data = bytes(self._waiting[part])
        if file := self._files.get(part):
            file.seek(0)
            data = file.read() + data
        return [data[at : at + RECORD_SIZE] for at in range(0, len(data), RECORD_SIZE)]


def _repeated_in(records: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    first: dict[bytes, int] = {}
    for record in records:
        index = int.from_bytes(record[36:], "big")
        earlier = first.setdefault(record[:36], index)
        if earlier != index:
            yield index, earlier


def _parsed(record: bytes) -> tuple[int, bytes, int]:
    """Leaf index, hash of the ballot key, revision."""
    return int.from_bytes(record[36:], "big"), record[:32], int.from_bytes(record[32:36], "big")
