"""Hash tiles above level 0, built as leaves come; one unfinished row per level in memory."""

from collections.abc import Iterator

from crypto.tiles import WIDTH, Tile, tile_root


class TileRows:
    """The unfinished tile of every level."""

    def __init__(self) -> None:
        self._rows: list[list[bytes]] = []
        self._counts: list[int] = []

    def add(self, root: bytes) -> Iterator[tuple[Tile, bytes]]:
        """Take in the hash over a full level-0 tile; every higher tile that is full thereby."""
        level = 1
        while root:
            if level > len(self._rows):
                self._rows.append([])
                self._counts.append(0)
            row = self._rows[level - 1]
            row.append(root)
            root = b""
            if len(row) == WIDTH:
                yield self._tile(level), b"".join(row)
                root = tile_root(row)
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
