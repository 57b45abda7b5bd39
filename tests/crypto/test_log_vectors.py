"""Trees, notes and tiles against other people's vectors: transparency-dev, C2SP, Go, tessera."""

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crypto import ed25519, merkle, tiles
from crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.errors import InvalidConsistencyProof, InvalidInclusionProof
from crypto.signed_note import VerifierKey, open_note, parse_note, sign_note
from crypto.tiles import Tile, bundles_of, encode_bundle, extend, tiles_of

pytestmark = pytest.mark.vectors


def _cases(vectors_dir: Path, kind: str) -> list[dict[str, Any]]:
    folder = vectors_dir / "transparency-dev-merkle" / "testdata" / kind
    cases = [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json"))]
    assert len(cases) == 98
    return cases


def _bytes(encoded: str | None) -> bytes:
    return base64.b64decode(encoded or "")


def _hashes(encoded: list[str] | None) -> list[bytes]:
    return [base64.b64decode(item) for item in encoded or []]


def _verify_inclusion(case: dict[str, Any]) -> None:
    leaf, root = _bytes(case["leafHash"]), _bytes(case["root"])
    merkle.verify_inclusion(case["leafIdx"], case["treeSize"], leaf, _hashes(case["proof"]), root)


def _verify_consistency(case: dict[str, Any]) -> None:
    roots = _bytes(case["root1"]), _bytes(case["root2"])
    merkle.verify_consistency(case["size1"], case["size2"], _hashes(case["proof"]), *roots)


def test_inclusion_proofs(vectors_dir: Path) -> None:
    for case in _cases(vectors_dir, "inclusion"):
        if case["wantErr"]:
            with pytest.raises(InvalidInclusionProof):
                _verify_inclusion(case)
        else:
            _verify_inclusion(case)


def test_consistency_proofs(vectors_dir: Path) -> None:
    for case in _cases(vectors_dir, "consistency"):
        if case["wantErr"]:
            with pytest.raises(InvalidConsistencyProof):
                _verify_consistency(case)
        else:
            _verify_consistency(case)


@pytest.fixture(scope="module")
def answers(vectors_dir: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((vectors_dir / "tlog_known_answers.json").read_text("utf-8"))
    return known


@pytest.fixture(scope="module")
def tessera(vectors_dir: Path) -> dict[str, bytes]:
    """The files of the tessera sample log by their paths."""
    files = json.loads((vectors_dir / "tessera-testdata-log" / "log.json").read_text("utf-8"))["files"]
    return {
        path: file["text"].encode() if "text" in file else base64.b64decode(file["base64"])
        for path, file in files.items()
    }


def test_hashes(answers: dict[str, Any]) -> None:
    known = answers["rfc6962_hashes"]
    assert merkle.root_of([]).hex() == known["empty_root"]
    assert merkle.leaf_hash(b"").hex() == known["leaf_of_empty_string"]
    assert merkle.leaf_hash(b"L123456").hex() == known["leaf_of_L123456"]
    assert merkle.node_hash(b"N123", b"N456").hex() == known["node_of_N123_N456"]


def test_notes_open_and_sign_to_the_same_bytes(answers: dict[str, Any]) -> None:
    signed = 0
    for known in answers["notes"]:
        key, note = VerifierKey.parse(known["vkey"]), known["note"].encode()
        assert str(key) == known["vkey"]
        text = open_note(note, [key])
        if "skey" in known:
            assert sign_note(text, key.name, _seed(known["skey"])) == note
            signed += 1
    assert signed == 1


def test_tile_paths_and_widths(answers: dict[str, Any]) -> None:
    named, *sized = answers["tile_paths"]["cases"]
    assert Tile(named["l"], named["n"], named["w"]).path() == named["path"]
    assert tiles.parse_path(named["path"]) == Tile(named["l"], named["n"], named["w"])
    for case in sized:
        for level, expected in case["tiles"].items():
            widths = [tile.width for tile in tiles_of(case["size"]) if tile.level == int(level)]
            assert widths.count(256) == expected["full"]
            assert sum(width for width in widths if width < 256) == expected["partial"]
        assert {tile.level for tile in tiles_of(case["size"])} == {int(level) for level in case["tiles"]}


def test_every_tessera_checkpoint_signs_to_the_same_bytes_over_a_recomputed_root(
    answers: dict[str, Any], tessera: dict[str, bytes]
) -> None:
    known = answers["tessera_log"]
    key, seed = VerifierKey.parse(known["vkey"]), _seed(known["skey"])
    assert ed25519.public_key(seed) == key.public
    hashes = [merkle.leaf_hash(entry.encode()) for entry in known["entries"]]
    heads = [Checkpoint(key.name, size, merkle.root_of(hashes[:size])) for size in range(16)]
    for head in heads:
        note = tessera[f"checkpoint.{head.size}"]
        assert sign_checkpoint(head, seed) == note
        assert open_checkpoint(note, key) == head
    assert tessera["checkpoint"] == sign_checkpoint(heads[-1], seed)


def test_every_tessera_tile_and_bundle_follows_from_the_entries(
    answers: dict[str, Any], tessera: dict[str, bytes]
) -> None:
    entries = [entry.encode() for entry in answers["tessera_log"]["entries"]]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    made: dict[str, bytes] = {}
    for size in range(1, 16):
        made |= {tile.path(): data for tile, data in extend(0, hashes[:size], lambda _: b"")}
        made |= {tile.path(): encode_bundle(entries[: tile.width]) for tile in bundles_of(size)}
    assert made == {path: data for path, data in tessera.items() if path.startswith("tile/")}


def test_tessera_checkpoints_are_consistent_one_with_the_next(
    answers: dict[str, Any], tessera: dict[str, bytes]
) -> None:
    key = VerifierKey.parse(answers["tessera_log"]["vkey"])
    heads = [open_checkpoint(tessera[f"checkpoint.{size}"], key) for size in range(1, 16)]
    for old, new in pairwise(heads):
        subtree = tiles.subtree_reader(new.size, lambda tile: tessera[tile.path()])
        proof = merkle.prove_consistency(old.size, new.size, subtree)
        merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)


def test_a_note_with_two_signatures_is_taken_apart(answers: dict[str, Any]) -> None:
    first, second = (known["note"].encode() for known in answers["notes"])
    lines = parse_note(first).signatures + parse_note(second).signatures
    doubled = first + second.rpartition(b"\n\n")[2]
    assert parse_note(doubled).signatures == lines


def _seed(skey: str) -> bytes:
    """The seed in a Go private key: PRIVATE+KEY+name+hex8+base64(01 || seed)."""
    return base64.b64decode(skey.split("+", 4)[4])[1:]
