"""One pass over a log, bundle by bundle in order, on all cores; memory does not grow with the log."""

import multiprocessing
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from auditor.bundles import MAX_TILE_SIZE, BundleReader, LogReading, Seen
from auditor.faults import Faults
from auditor.repeats import KeyIndex
from auditor.source import Fetch, NotThere, OutOfReach
from auditor.tile_rows import TileRows
from crypto.errors import MalformedTile
from crypto.merkle import HASH_SIZE, Frontier, fold
from crypto.tiles import WIDTH
from shared.count import Tally

MAX_LEAVES: Final = 2**27
"""More than Russia has voters."""

_ALONE: Final = 4
"""So few bundles are read in this process."""

_START: Final = "fork" if sys.platform == "linux" else None
"""How processes start: as copies of this one, which runs no thread; elsewhere in the system's way."""

Progress = Callable[[str, int, int], None]
"""Told which log is read, and how many of how many leaves are done."""


@dataclass(slots=True)
class Scan:
    """What a pass over a log saw. With `missing` or `unreachable` it ended early, and the rest is void.

    `roots`: the root at every size that was asked for. `found`: the asked-for leaf hashes that are there.
    """

    size: int
    missing: str = ""
    unreachable: str = ""
    root: bytes = b""
    tiles: int = 0
    wrong_tiles: Faults = field(default_factory=Faults)
    roots: dict[int, bytes] = field(default_factory=dict)
    found: set[bytes] = field(default_factory=set)
    faults: dict[str, Faults] = field(default_factory=dict)
    repeated: Faults = field(default_factory=Faults)
    closing: tuple[int, bytes] | None = None
    tally: Tally = field(default_factory=Tally)
    used: Counter[int] = field(default_factory=Counter)
    ballots: int = 0
    replaced: int = 0


@dataclass(frozen=True)
class Wanted:
    """What to look for on the way: leaf hashes, and roots at sizes."""

    leaves: frozenset[bytes] = frozenset()
    sizes: frozenset[int] = frozenset()


def scan_log(reading: LogReading, wanted: Wanted, workers: int, progress: Progress) -> Scan:
    """Read a whole log. What cannot be had is noted in the scan, not raised."""
    scan = Scan(reading.size)
    if reading.size > MAX_LEAVES:
        scan.unreachable = f"{reading.url}: more than {MAX_LEAVES} leaves"
        return scan
    try:
        with KeyIndex() as keys:
            digests = _pass(scan, reading, wanted, keys, workers, progress)
            scan.repeated = keys.repeated()
            _take_out(scan, reading, keys.replaced(), digests)
    except NotThere as error:
        scan.missing = f"not there: {error}"
    except MalformedTile as error:
        scan.missing = str(error)
    except OutOfReach as error:
        scan.unreachable = str(error)
    except BrokenExecutor:
        scan.unreachable = "a process of this audit was ended from outside"
    return scan


def _pass(
    scan: Scan, reading: LogReading, wanted: Wanted, keys: KeyIndex, workers: int, progress: Progress
) -> list[bytes]:
    """Take in every bundle; the digest of each, in order."""
    digests = []
    tree = _Tree(scan, reading, wanted, reading.open_source())
    done = 0
    for seen in _in_order(reading, workers):
        tree.take(seen)
        if scan.closing is None:
            _take(scan, seen, keys)
        digests.append(seen.digest)
        done += len(seen.hashes) // HASH_SIZE
        progress(reading.url, done, reading.size)
    tree.finish()
    return digests


def _take(scan: Scan, seen: Seen, keys: KeyIndex) -> None:
    for check, faults in seen.faults.items():
        listed = scan.faults.setdefault(check, Faults())
        for index, what in faults:
            listed.add(f"leaf {index}: {what}")
    keys.add(seen.keys)
    scan.tally.add(seen.tally)
    scan.used.update(seen.used)
    scan.ballots += seen.ballots
    scan.closing = seen.closing


def _take_out(scan: Scan, reading: LogReading, leaves: list[int], digests: list[bytes]) -> None:
    """Ballots that a later revision replaces do not count: their part of the tally is taken back."""
    reader = reading.start() if leaves else None
    for bundle, indices in groupby(leaves, lambda index: index // WIDTH):
        assert reader is not None  # noqa: S101 - there are leaves
        for ballot in reader.ballots(bundle, set(indices), digests[bundle]):
            reader.take_out(scan.tally, ballot)
            scan.used.subtract(token.issuer for token in ballot.tokens)
    scan.replaced = len(leaves)


class _Tree:
    """Root and tiles recomputed as leaf hashes come: a tree of full tiles, and the leaves after them."""

    def __init__(self, scan: Scan, reading: LogReading, wanted: Wanted, fetch: Fetch) -> None:
        self._scan, self._url, self._wanted, self._fetch = scan, reading.url, wanted, fetch
        self._full, self._rest, self._rows = Frontier(), Frontier(), TileRows()
        self._note_roots([])

    def take(self, seen: Seen) -> None:
        hashes = [seen.hashes[at : at + HASH_SIZE] for at in range(0, len(seen.hashes), HASH_SIZE)]
        self._scan.found.update(self._wanted.leaves & set(hashes))
        self._scan.tiles += 1
        if not seen.tile_agrees:
            self._scan.wrong_tiles.add(f"tile of level 0 with leaf {self._full.size * WIDTH}")
        self._note_roots(hashes)
        if seen.tile_root:
            self._full.append(seen.tile_root)
            for tile, data in self._rows.add(seen.tile_root):
                self._compare(tile.path(), data)
        else:
            self._rest = _frontier(hashes)

    def finish(self) -> None:
        for tile, data in self._rows.rest():
            self._compare(tile.path(), data)
        self._scan.root = fold([*self._full.hashes, *self._rest.hashes])

    def _note_roots(self, hashes: list[bytes]) -> None:
        """The roots at sizes that end among these leaves (or, without any, at size 0)."""
        before = self._full.size * WIDTH
        for size in self._wanted.sizes:
            if size == before == 0 or before < size <= before + len(hashes):
                rest = _frontier(hashes[: size - before])
                self._scan.roots[size] = fold([*self._full.hashes, *rest.hashes])

    def _compare(self, path: str, data: bytes) -> None:
        self._scan.tiles += 1
        if self._fetch(f"{self._url}/{path}", MAX_TILE_SIZE) != data:
            self._scan.wrong_tiles.add(path)


def _frontier(hashes: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in hashes:
        frontier.append(leaf)
    return frontier


def _in_order(reading: LogReading, workers: int) -> Iterator[Seen]:
    bundles = -(-reading.size // WIDTH)
    if workers == 1 or bundles <= _ALONE:
        yield from map(reading.start(), range(bundles))
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context(_START), _start, (reading,)) as pool:
        window: deque[Future[Seen]] = deque()
        try:
            for index in range(bundles):
                window.append(pool.submit(_read, index))
                if len(window) > 4 * workers:
                    yield window.popleft().result()
            while window:
                yield window.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_reader: BundleReader | None = None


def _start(reading: LogReading) -> None:
    global _reader  # noqa: PLW0603 - the one state of a worker process
    _reader = reading.start()


def _read(index: int) -> Seen:
    assert _reader is not None  # noqa: S101 - the pool calls _start first
    return _reader(index)
