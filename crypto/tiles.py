"""C2SP tlog-tiles arithmetic (c2sp.org/tlog-tiles): paths, widths, tile data, entry bundles."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import MalformedTile
from crypto.merkle import HASH_SIZE, complete_subtrees, fold, node_hash

WIDTH: Final = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_ENTRY_SIZE: Final = 65_535
MAX_LEVEL: Final = 63
_HEIGHT: Final = 8
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A hash tile (level 0 to 63), or an entry bundle (level None), with `width` 1 to 256."""

    level: int | None
    index: int
    width: int

    def path(self) -> str:
        """The tile's path below the log's prefix."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"


def parse_path(path: str) -> Tile:
    """Read a tile path strictly. Raises MalformedTile."""
    match = _PATH.fullmatch(path)
    if match is None or len(path) > 100:
        raise MalformedTile("not a tile path")
    kind, groups, width = match.groups()
    level = None if kind == "entries" else int(kind)
    index = int(groups.replace("/", "").replace("x", ""))
    tile = Tile(level, index, int(width) if width else WIDTH)
    if tile.path() != path or (level or 0) > MAX_LEVEL or tile.width > WIDTH:
        raise MalformedTile("not the canonical path of its tile")
    return tile


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes tile `index` of `level` holds in a tree of `size` leaves: 0 to 256."""
    hashes = size >> _HEIGHT * level
    return max(0, min(WIDTH, hashes - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of a tree, lowest level first."""
    level = 0
    while hashes := size >> _HEIGHT * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, tile_width(level, index, size))
        level += 1


def bundles_of(size: int) -> Iterator[Tile]:
    """Every entry bundle of a tree."""
    for index in range(-(-size // WIDTH)):
        yield Tile(None, index, tile_width(0, index, size))


def hashes_of(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile's bytes. Raises MalformedTile unless there are exactly `width`."""
    if len(data) != width * HASH_SIZE:
        raise MalformedTile("a tile of another width")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """The hash one level up of a full tile (or of any power of two of its hashes)."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle. Raises MalformedTile on an entry longer than 65,535 bytes."""
    if any(len(entry) > MAX_ENTRY_SIZE for entry in entries):
        raise MalformedTile("an entry has at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle. Raises MalformedTile unless there are exactly `width` and nothing else."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise MalformedTile("a bundle that ends inside an entry")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise MalformedTile("a bundle of another width")
    return entries


ReadTile = Callable[[Tile], bytes]
"""The bytes of a hash tile of at least this width, cut to it."""


def subtree_reader(size: int, read: ReadTile) -> Callable[[int, int], bytes]:
    """Hashes of leaf ranges in a tree of `size` leaves, read from its tiles (`crypto.merkle.SubtreeHash`)."""

    def complete(start: int, end: int) -> bytes:
        level, height = divmod((end - start).bit_length() - 1, _HEIGHT)
        first, count = start >> _HEIGHT * level, 1 << height
        index = first // WIDTH
        width = tile_width(level, index, size)
        hashes = hashes_of(read(Tile(level, index, width)), width)
        return tile_root(hashes[first % WIDTH : first % WIDTH + count])

    def subtree(start: int, end: int) -> bytes:
        return fold([complete(left, right) for left, right in complete_subtrees(start, end)])

    return subtree


def extend(size: int, hashes: Sequence[bytes], read: ReadTile) -> Iterator[tuple[Tile, bytes]]:
    """Every tile that changes when leaf hashes are appended to `size` leaves, with its new bytes."""
    level, first, row = 0, size, list(hashes)
    while row:
        index, filled = divmod(first, WIDTH)
        data = (read(Tile(level, index, filled)) if filled else b"") + b"".join(row)
        above = []
        for at in range(0, len(data), WIDTH * HASH_SIZE):
            chunk = data[at : at + WIDTH * HASH_SIZE]
            tile = Tile(level, index + at // (WIDTH * HASH_SIZE), len(chunk) // HASH_SIZE)
            yield tile, chunk
            if tile.width == WIDTH:
                above.append(tile_root(hashes_of(chunk, WIDTH)))
        level, first, row = level + 1, first // WIDTH, above
