"""Tiles: one path per tile, strict bundles, proofs read out of tiles."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import merkle, tiles
from crypto.errors import MalformedTile
from crypto.tiles import MAX_ENTRY_SIZE, Tile, bundles_of, decode_bundle, encode_bundle, parse_path, tiles_of

TILES = st.builds(
    Tile,
    level=st.one_of(st.none(), st.integers(0, 63)),
    index=st.integers(0, 10**12),
    width=st.integers(1, 256),
)


@given(TILES)
def test_a_path_reads_back(tile: Tile) -> None:
    assert parse_path(tile.path()) == tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(None, 999, 255), "tile/entries/999.p/255"),
        (Tile(63, 1000, 256), "tile/63/x001/000"),
        (Tile(1, 1234067, 16), "tile/1/x001/x234/067.p/16"),
    ],
)
def test_a_path_as_the_specification_writes_it(tile: Tile, path: str) -> None:
    assert tile.path() == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/X001/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/100/000",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p/1\n",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/../000",
        "tile/8/0/000",
        "tile/0/" + "x999/" * 30 + "999",
    ],
)
def test_what_is_not_the_path_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(MalformedTile):
        parse_path(path)


@given(st.lists(st.binary(max_size=40), max_size=300))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


def test_an_entry_of_65535_bytes_fits_and_one_more_does_not() -> None:
    longest = bytes(MAX_ENTRY_SIZE)
    assert decode_bundle(encode_bundle([longest]), 1) == [longest]
    with pytest.raises(MalformedTile):
        encode_bundle([longest + b"\0"])


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\0", 1),
        (b"\0\x02a", 1),
        (b"\0\x01a\0", 1),
        (b"\0\x01a\0\x01b", 1),
        (b"\0\x01a", 2),
    ],
)
def test_a_bundle_that_is_cut_or_of_another_width_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(MalformedTile):
        decode_bundle(data, width)


@pytest.mark.parametrize("length", [0, 31, 32, 63, 65])
def test_a_tile_of_another_width_is_refused(length: int) -> None:
    with pytest.raises(MalformedTile):
        tiles.hashes_of(bytes(length), 2)


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(count)]


@pytest.fixture(scope="module")
def forest() -> dict[Tile, bytes]:
    """Full-width store of a tree with three levels: 65,536 + 2 * 256 + 3 leaves."""
    return dict(tiles.extend(0, leaves(66_051), lambda _: b""))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 66_051])
def test_the_tiles_of_a_tree_are_those_of_the_specification(size: int) -> None:
    """Level l has floor(size / 256^l) hashes, in tiles of 256, the last one narrower."""
    expected = {}
    for level in range(4):
        count = size // 256**level
        for index in range(count // 256):
            expected[level, index] = 256
        if count % 256:
            expected[level, count // 256] = count % 256
    assert {(tile.level, tile.index): tile.width for tile in tiles_of(size)} == expected
    bundles = {(0, tile.index): tile.width for tile in bundles_of(size)}
    assert bundles == {place: width for place, width in expected.items() if place[0] == 0}


@pytest.mark.parametrize(
    ("level", "index", "size", "width"),
    [(0, 0, 0, 0), (0, 1, 256, 0), (0, 1, 257, 1), (0, 9, 257, 0), (1, 0, 255, 0), (63, 0, 2**62, 0)],
)
def test_beyond_the_edge_of_the_tree_a_tile_is_empty(level: int, index: int, size: int, width: int) -> None:
    assert tiles.tile_width(level, index, size) == width


@given(st.lists(st.integers(0, 600), max_size=5))
def test_a_tree_extended_in_batches_has_the_tiles_of_the_tree_made_at_once(batches: list[int]) -> None:
    store: dict[tuple[int | None, int], bytes] = {}

    def read(tile: Tile) -> bytes:
        return store[tile.level, tile.index][: tile.width * 32]

    hashes, size = leaves(sum(batches)), 0
    for batch in batches:
        added = list(tiles.extend(size, hashes[size : size + batch], read))
        store.update({(tile.level, tile.index): data for tile, data in added})
        size += batch
    whole = {(tile.level, tile.index): data for tile, data in tiles.extend(0, hashes, lambda _: b"")}
    assert store == whole
    assert {place: len(data) // 32 for place, data in whole.items()} == {
        (tile.level, tile.index): tile.width for tile in tiles_of(size)
    }


SIZES = st.one_of(st.integers(1, 1100), st.sampled_from([65_535, 65_536, 65_537, 65_792, 66_051]))


@given(size=SIZES, data=st.data())
def test_proofs_read_out_of_tiles_verify(forest: dict[Tile, bytes], size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    root = merkle.root_of(hashes)
    subtree = tiles.subtree_reader(size, lambda tile: _stored(forest, tile, size))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.prove_inclusion(index, size, subtree)
    merkle.verify_inclusion(index, size, hashes[index], proof, root)
    old = data.draw(st.integers(1, size))
    consistency = merkle.prove_consistency(old, size, subtree)
    merkle.verify_consistency(old, size, consistency, merkle.root_of(hashes[:old]), root)


def _stored(forest: dict[Tile, bytes], tile: Tile, size: int) -> bytes:
    """As a log of this size serves it: only the width it has now."""
    assert tile.level is not None
    assert 0 < tile.width == tiles.tile_width(tile.level, tile.index, size)
    widest = next(t for t in forest if (t.level, t.index) == (tile.level, tile.index))
    return forest[widest][: tile.width * 32]


def test_a_proof_of_a_large_tree_reads_few_tiles(forest: dict[Tile, bytes]) -> None:
    read: list[Tile] = []

    def reader(tile: Tile) -> bytes:
        read.append(tile)
        return _stored(forest, tile, 66_051)

    merkle.prove_inclusion(70, 66_051, tiles.subtree_reader(66_051, reader))
    assert set(read) <= {Tile(0, 0, 256), Tile(0, 258, 3), Tile(1, 0, 256), Tile(1, 1, 2), Tile(2, 0, 1)}


def test_a_tile_cut_short_makes_no_proof() -> None:
    def cut(tile: Tile) -> bytes:
        return bytes(32 * tile.width - 1)

    with pytest.raises(MalformedTile):
        merkle.prove_inclusion(0, 3, tiles.subtree_reader(3, cut))


def test_the_hash_above_a_full_tile_is_the_root_of_its_hashes() -> None:
    row: Sequence[bytes] = leaves(256)
    assert tiles.tile_root(row) == merkle.root_of(row)
