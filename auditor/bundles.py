"""One entry bundle examined: all that costs time, so that many processes can do it side by side."""

import hashlib
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Final

from auditor.source import Fetch, OpenSource, OutOfReach
from crypto import merkle
from crypto.tiles import WIDTH, Tile, decode_bundle, hashes_of, tile_root, tile_width
from shared import labels
from shared.ballot import Ballot, decode_ballot
from shared.count import Tally
from shared.manifest import Poll, parse_manifest
from shared.poll_keys import PollKeys, read_ballot, verify_signature, verify_tokens
from shared.record import MAX_FILE_SIZE
from shared.refusals import Refusal
from shared.sealing import Opening, ReadAnswers, answers_reader
from shared.statements import MAX_STATEMENT_SIZE

MAX_CLOSING_SIZE: Final = MAX_STATEMENT_SIZE + 64
MAX_TILE_SIZE: Final = WIDTH * merkle.HASH_SIZE + 1
_ISSUED_SIZE: Final = len(labels.ISSUED) + merkle.HASH_SIZE


@dataclass(slots=True)
class Seen:
    """What one bundle holds.

    `hashes`: its leaf hashes, concatenated; `tile_root`: the hash over them when there are 256.
    `faults`: per check, the leaf's index and what is wrong. `keys`: per ballot SHA-256 of its key (32),
    revision (4), index (8). `closing`: index and bytes of the first closing record; ballots after it are not
    looked at. `used`: tokens by issuer.
    """

    tile_agrees: bool
    hashes: bytes = b""
    tile_root: bytes = b""
    faults: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    keys: bytes = b""
    tally: Tally = field(default_factory=Tally)
    used: Counter[int] = field(default_factory=Counter)
    ballots: int = 0
    closing: tuple[int, bytes] | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the leaf hashes: what the bundle holds."""
        return hashlib.sha256(self.hashes).digest()

    def fault(self, check: str, index: int, what: object) -> None:
        """Note what is wrong with a leaf."""
        self.faults.setdefault(check, []).append((index, str(what)))


@dataclass(frozen=True)
class LogReading:
    """How to read one log, told to other processes. `manifest` is None for an issuance log.

    `opening`: the verified one of a sealed poll; without it its answers are not tallied.
    """

    open_source: OpenSource
    url: str
    size: int
    manifest: bytes | None
    opening: Opening | None = None

    def start(self) -> "BundleReader":
        """Open the source and parse the keys, once per process."""
        poll = None if self.manifest is None else parse_manifest(self.manifest)
        return BundleReader(self.open_source(), self, poll)


class BundleReader:
    """Reads and examines the bundles of one log."""

    def __init__(self, fetch: Fetch, reading: LogReading, poll: Poll | None) -> None:
        self._fetch, self._reading = fetch, reading
        self._keys = None if poll is None else PollKeys.of(poll)
        self._read_answers = None if poll is None else answers_reader(poll, reading.opening)

    def __call__(self, index: int) -> Seen:
        """Examine bundle `index`. Raises NotThere, OutOfReach, MalformedTile."""
        width = tile_width(0, index, self._reading.size)
        bundle, tile = Tile(None, index, width), Tile(0, index, width)
        entries = decode_bundle(self._get(bundle, MAX_FILE_SIZE), width)
        hashes = b"".join(map(merkle.leaf_hash, entries))
        root = tile_root(hashes_of(hashes, WIDTH)) if width == WIDTH else b""
        seen = Seen(self._get(tile, MAX_TILE_SIZE) == hashes, hashes, root)
        leaves = list(enumerate(entries, index * WIDTH))
        if self._keys is None:
            _look_at_issuances(seen, leaves)
        else:
            _look_at_ballots(seen, leaves, self._keys, self._read_answers)
        return seen

    def ballots(self, index: int, leaves: Container[int], digest: bytes) -> Iterator[Ballot]:
        """The ballots of bundle `index` that stand at these leaf indices, each found sound before.

        `digest`: what the bundle was then (`Seen.digest`). Raises OutOfReach when it is another now.
        """
        width = tile_width(0, index, self._reading.size)
        entries = decode_bundle(self._get(Tile(None, index, width), MAX_FILE_SIZE), width)
        if hashlib.sha256(b"".join(map(merkle.leaf_hash, entries))).digest() != digest:
            raise OutOfReach(f"{self._reading.url}: a bundle that is another when read again")
        for at, entry in enumerate(entries, index * WIDTH):
            if at in leaves:
                yield decode_ballot(entry)

    def take_out(self, tally: Tally, ballot: Ballot) -> None:
        """Take a ballot out of a tally that it was taken into."""
        assert self._keys is not None  # noqa: S101 - a poll's log
        if self._read_answers is not None:
            tally.take(self._keys.poll.manifest, self._read_answers(ballot), -1)

    def _get(self, tile: Tile, limit: int) -> bytes:
        return self._fetch(f"{self._reading.url}/{tile.path()}", limit)


def _look_at_issuances(seen: Seen, leaves: list[tuple[int, bytes]]) -> None:
    for index, leaf in leaves:
        if leaf.startswith(labels.ISSUANCE_CLOSING):
            seen.closing = seen.closing or (index, leaf[:MAX_CLOSING_SIZE])
        elif not (leaf.startswith(labels.ISSUED) and len(leaf) == _ISSUED_SIZE):
            seen.fault("issuance", index, "no issuance")


def _look_at_ballots(
    seen: Seen, leaves: list[tuple[int, bytes]], keys: PollKeys, read_answers: ReadAnswers | None
) -> None:
    """Each step for all ballots before the next step: the processor's caches make that a fifth faster."""
    read = list(_read_all(seen, leaves, keys))
    for index, _, ballot in read:
        try:
            verify_tokens(keys, ballot)
        except Refusal as refusal:
            seen.fault("tokens", index, refusal)
    for index, leaf, ballot in read:
        try:
            verify_signature(ballot, leaf)
        except Refusal as refusal:
            seen.fault("ballot-signatures", index, refusal)
    seen.keys, seen.ballots = b"".join(_key_record(ballot, index) for index, _, ballot in read), len(read)
    seen.used.update(token.issuer for _, _, ballot in read for token in ballot.tokens)
    if read_answers is not None:
        for answers, ballots in Counter(read_answers(ballot) for _, _, ballot in read).items():
            seen.tally.take(keys.poll.manifest, answers, ballots)


def _read_all(
    seen: Seen, leaves: list[tuple[int, bytes]], keys: PollKeys
) -> Iterator[tuple[int, bytes, Ballot]]:
    for index, leaf in leaves:
        if index == 0:
            if leaf != keys.poll.first_leaf:
                seen.fault("first-leaf", 0, "not this manifest")
        elif leaf.startswith((labels.CLOSING, labels.CANCELLATION)):
            seen.closing = (index, leaf[:MAX_CLOSING_SIZE])
            return
        else:
            try:
                yield index, leaf, read_ballot(keys.poll, leaf)
            except Refusal as refusal:
                seen.fault("ballots", index, refusal)


def _key_record(ballot: Ballot, index: int) -> bytes:
    key = hashlib.sha256(ballot.ballot_key).digest()
    return key + ballot.revision.to_bytes(4, "big") + index.to_bytes(8, "big")
