"""The files that both services leave: where a row lies, set against when it came. By the real code."""

import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.ballot import decode_ballot
from tests.ballot_box.box import Box
from tests.issuer.office import Office, blinded_message

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one table, in the order in which its rows came: every place in the files at which a row stands."""

    table: str
    places: tuple[tuple[int, ...], ...]

    @property
    def together(self) -> tuple[int, int]:
        """Of the pairs of rows on one page: how many lie there in the order of arrival, of how many."""
        pairs = [
            (one < other)
            for first, earlier in enumerate(self.places)
            for later in self.places[first + 1 :]
            for one in earlier
            for other in later
            if one // PAGE == other // PAGE
        ]
        return sum(pairs), len(pairs)

    @property
    def on_each_page(self) -> list[int]:
        """How many rows lie on each page."""
        return list(Counter(place // PAGE for places in self.places for place in places).values())

    @property
    def copies(self) -> int:
        """The most places at which one row stands."""
        return max(map(len, self.places))


def issuer_rows(folder: Path, people: int) -> Iterator[Rows]:
    """Tokens for so many people, the poll closed and its issuance log published; then the files."""
    office = Office(folder)
    poll = office.publish()
    came = []
    for _ in range(people):
        pseudonym = office.keys.pseudonym(poll.poll_id, f"{secrets.randbelow(10**9):09d}00")
        message = blinded_message(poll)
        office.desk.issue(poll.poll_id, pseudonym, message, nonce=secrets.token_bytes(32))
        came.append((bytes(pseudonym), message))
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    files = _files(folder, "issuer.sqlite")
    yield _rows("issuance, by pseudonym", files, [pseudonym for pseudonym, _ in came])
    yield _rows("issuance, by blinded message", files, [message for _, message in came])


def box_rows(folder: Path, people: int) -> Iterator[Rows]:
    """So many ballots, in one batch; the poll closed and its result published; then the files."""
    box = Box(folder)
    poll = box.publish(batch={"floor": people + 1, "longest_wait": 1})
    ballots = [box.ballot(poll) for _ in range(people)]
    for ballot in ballots:
        assert box.cast(poll, ballot).status_code == 200
    box.close(poll)
    box.worker.step()
    files = _files(folder, "box.sqlite")
    decoded = [decode_ballot(ballot) for ballot in ballots]
    yield _rows("ballot key and log entry", files, [ballot.ballot_key for ballot in decoded])
    yield _rows("log entry, by signature", files, [ballot.signature for ballot in decoded])
    leaves = box.leaves(poll)
    yield Rows("log index", tuple((leaves.index(ballot),) for ballot in ballots))


def free_pages(folder: Path, name: str) -> int:
    """How many pages of a database are on its free list, and how many bytes wait in its write-ahead log."""
    with sqlite3.connect(folder / name) as connection:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    log = folder / f"{name}-wal"
    return int(free) + (log.stat().st_size if log.exists() else 0)


def _files(folder: Path, name: str) -> Mapping[str, bytes]:
    """A database, its write-ahead log, its journal: as bytes, as they lie on the disk."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"{name}*"))}


def _rows(table: str, files: Mapping[str, bytes], needles: Sequence[bytes]) -> Rows:
    return Rows(table, tuple(tuple(_places(files, needle)) for needle in needles))


def _places(files: Mapping[str, bytes], needle: bytes) -> Iterator[int]:
    start = 0
    for content in files.values():
        found = content.find(needle)
        while found >= 0:
            yield start + found
            found = content.find(needle, found + 1)
        start += -(-len(content) // PAGE) * PAGE
