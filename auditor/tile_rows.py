"""Hash tiles above level 0, built from leaf hashes as they come; one unfinished row per level in memory."""

from collections.abc import Iterator, Sequence

from crypto.tiles import WIDTH, Tile, tile_root


class TileRows:
    """The unfinished tile of every level. Bundles come in order, each full but the last."""

    def __init__(self) -> None:
        self._rows: list[list[bytes]] = []
        self._counts: list[int] = []

    def add(self, hashes: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
        """Take in the leaf hashes of one level-0 tile; every higher tile that is full thereby."""
        level, row = 1, hashes
        while len(row) == WIDTH:
            if level > len(self._rows):
                self._rows.append([])
                self._counts.append(0)
            pending = self._rows[level - 1]
            pending.append(tile_root(row))
            row = pending
            if len(row) == WIDTH:
                yield self._tile(level), b"".join(row)
                self._rows[level - 1] = []
                self._counts[level - 1] += 1
            level += 1

    def rest(self) -> Iterator[tuple[Tile, bytes]]:
        """The tiles that stay partial."""
        for level, row in enumerate(self._rows, 1):
            if row:
                yield self._tile(level), b"".join(row)

    def _tile(self, level: int) -> Tile:
        return Tile(level, self._counts[level - 1], len(self._rows[level - 1]))
