"""One pass in bounded memory finds what a look at everything would find, on any number of processes."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from auditor.checks import run_checks
from auditor.context import Audit, Brought
from auditor.faults import MAX_LISTED, Faults
from auditor.record import read_record
from auditor.repeats import KeyIndex
from auditor.source import NotThere
from auditor.tile_rows import TileRows
from crypto import ballot_signature, tiles
from crypto.merkle import leaf_hash
from crypto.tiles import WIDTH, Tile, encode_bundle
from tests.programs.processes import command
from tests.public_record import write_folder
from tests.samples import ranked_and_scored
from tests.simulator import AFTER, honest_election, open_election

AUDIT = command("veche-audit")


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 70_000])
def test_tiles_built_as_leaves_come_are_those_of_the_whole_tree(size: int) -> None:
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    rows = TileRows()
    built: dict[Tile, bytes] = {}
    for at in range(0, size - size % WIDTH, WIDTH):
        built |= dict(rows.add(tiles.tile_root(hashes[at : at + WIDTH])))
    built |= dict(rows.rest())
    whole = dict(tiles.extend(0, hashes, lambda _: b""))
    assert built == {tile: data for tile, data in whole.items() if tile.level}


def test_every_repetition_is_found_with_its_first() -> None:
    with KeyIndex() as keys:
        for index in range(5000):
            record = leaf_hash((index % 4990).to_bytes(4, "big")) + bytes(4) + index.to_bytes(8, "big")
            keys.add(record)
        assert keys.repeated().lines() == tuple(
            f"leaf {4990 + at}: the same key and revision as leaf {at}" for at in range(10)
        )


def test_the_same_key_with_another_revision_is_no_repetition() -> None:
    with KeyIndex() as keys:
        for revision in range(3):
            keys.add(bytes(32) + revision.to_bytes(4, "big") + revision.to_bytes(8, "big"))
        assert keys.repeated().number == 0


def test_of_a_flood_the_first_are_listed_and_all_are_counted() -> None:
    faults = Faults()
    for index in range(MAX_LISTED + 5):
        faults.add(f"leaf {index}")
    assert faults.number == MAX_LISTED + 5
    assert len(faults.lines()) == MAX_LISTED + 1
    assert faults.lines()[-1] == "and 5 more"


def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path) -> None:
    election = honest_election()
    doubled = election.entries[1:5] * 380
    election.entries[1:5] = doubled
    election.entries[1300] = b"no ballot"
    election.reclose()
    write_folder(tmp_path, election.record().files())
    assert election.trust is not None
    (tmp_path / "trust.json").write_bytes(election.trust.to_bytes())
    argv = [AUDIT, "verify", str(tmp_path), "--trust", str(tmp_path / "trust.json"), "--json"]
    one, two = (
        subprocess.run([*argv, "--processes", number], capture_output=True, check=False).stdout
        for number in ("1", "2")
    )
    assert one == two
    faults = {check["id"]: check["faults"] for check in json.loads(one)["checks"]}
    assert faults["ballots"] == ["leaf 1300: too short"]
    assert len(faults["unique"]) == 380 * 4 - 4 - 1
    assert faults["unique"][0] == "leaf 5: the same key and revision as leaf 1"


def test_a_source_that_shows_another_bundle_the_second_time_leaves_the_audit_inconclusive() -> None:
    """Replaced ballots are read again to be taken out of the count."""
    election = open_election(**ranked_and_scored())
    key = ballot_signature.generate()
    tokens = (election.token(ballot_signature.public_bytes(key)),)
    for revision in range(2):
        election.cast(election.ballot({"order": (), "marks": ()}, key=key, tokens=tokens, revision=revision))
    election.close()
    record = election.record()
    files, reads = record.files(), Counter[str]()

    def fetch(url: str, _limit: int) -> bytes:
        reads[url] += 1
        if url not in files:
            raise NotThere(url)
        return files[url] if reads[url] == 1 or "entries" not in url else encode_bundle([b"x"] * 4)

    audit = Audit(read_record(fetch, record.poll_url), lambda: fetch, Brought(election.trust), AFTER)
    assert run_checks(audit).verdict == "inconclusive"
