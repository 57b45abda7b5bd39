"""Where a leaf hash stands in a log, by its level-0 tiles, which must give the signed root."""

from auditor.bundles import MAX_TILE_SIZE
from auditor.source import Fetch
from crypto.checkpoint import Checkpoint
from crypto.errors import MalformedTile
from crypto.merkle import Frontier
from crypto.tiles import WIDTH, Tile, hashes_of, tile_width


def find_leaf(fetch: Fetch, url: str, head: Checkpoint, leaf: bytes) -> int | None:
    """The leaf's index, None when it is not there. Raises NotThere, OutOfReach, MalformedTile."""
    tree, found = Frontier(), None
    for index in range(-(-head.size // WIDTH)):
        width = tile_width(0, index, head.size)
        hashes = hashes_of(fetch(f"{url}/{Tile(0, index, width).path()}", MAX_TILE_SIZE), width)
        if found is None and leaf in hashes:
            found = index * WIDTH + hashes.index(leaf)
        for one in hashes:
            tree.append(one)
    if tree.root() != head.root:
        raise MalformedTile("the tiles do not give the root that was signed")
    return found
