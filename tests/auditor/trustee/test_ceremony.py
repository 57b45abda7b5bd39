"""`veche-trustee ceremony`: one sheet each, a public part for the draft, and nothing left behind."""

import subprocess
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from auditor.trustee import ceremony
from auditor.trustee.shares import Collection
from crypto import hpke
from shared.encoding import b64u
from tests.programs.trustee import TRUSTEE, Held, hold_ceremony
from tests.samples import sample_poll

NAMES = ("А. А. Первая", "Б. Б. Второй", "В. В. Третья")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ceremony")


@pytest.fixture(scope="module")
def held(folder: Path) -> Held:
    names = [argument for name in NAMES for argument in ("--name", name)]
    return hold_ceremony(folder / "sheets", *names)


def _run(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TRUSTEE, "ceremony", *argv, "--sheets", str(folder / "sheets")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_it_writes_is_the_sealing_of_a_manifest(held: Held) -> None:
    changes = {"result_mode": "sealed", "sealing": held.sealing, "answer_size": 145}
    sealing = sample_poll(**changes).manifest.sealing
    assert sealing is not None
    assert (sealing.threshold, sealing.trustees) == (2, NAMES)


def test_any_two_sheets_hold_the_private_key_of_the_public_one(held: Held) -> None:
    for pair in combinations(held.shares, 2):
        collection = Collection(2)
        for share in pair:
            collection.add(share)
        assert b64u(hpke.public_key_of(collection.rebuild())) == held.sealing["public_key"]


def test_every_sheet_names_its_trustee_and_holds_no_other_share(held: Held) -> None:
    for name, page, share in zip(NAMES, held.pages, held.shares, strict=True):
        assert [other for other in NAMES if other in page] == [name]
        assert len(share.split()) == 33
    assert len(set(held.shares)) == 3


def test_a_rehearsal_is_said_on_every_sheet(held: Held) -> None:
    assert all("РЕПЕТИЦИЯ" in page for page in held.pages)


def test_nothing_is_left_of_the_sheets(folder: Path, held: Held) -> None:
    assert held.shares
    assert list(folder.iterdir()) == []


def test_a_ceremony_that_is_broken_off_leaves_no_sheet_and_no_key(tmp_path: Path) -> None:
    done = _run(tmp_path, "--threshold", "2", "--trustees", "3", "--rehearsal")
    assert done.returncode != 0
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "argv",
    [
        ("--threshold", "1", "--trustees", "3"),
        ("--threshold", "4", "--trustees", "3"),
        ("--threshold", "2", "--trustees", "17"),
        ("--threshold", "2", "--trustees", "3", "--name", "Одна"),
        ("--threshold", "2", "--trustees", "2", "--name", "Одна", "--name", "Одна"),
        ("--threshold", "2", "--trustees", "2", "--name", "Одна", "--name", "Дру\aгая"),
    ],
)
def test_numbers_and_names_that_cannot_be_are_wrong_usage(tmp_path: Path, argv: Sequence[str]) -> None:
    done = _run(tmp_path, *argv, "--rehearsal")
    assert done.returncode == 64
    assert list(tmp_path.iterdir()) == []


def test_a_machine_with_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, state in {"lo": "unknown", "eth0": "up", "wlan0": "down"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "operstate").write_text(f"{state}\n")
    monkeypatch.setattr(ceremony, "_NETWORK", tmp_path)
    assert ceremony.networks_up() == ["eth0"]
