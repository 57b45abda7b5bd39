"""`veche-audit` as its users run it: a folder or a URL in, findings and an exit code out."""

import json
import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from auditor import page
from auditor.checks import CHECKS
from shared.encoding import b64u, canonical_json
from tests.programs.processes import command
from tests.public_record import write_folder
from tests.simulator import WITNESS, Election, open_election

AUDIT = command("veche-audit")


def _audit(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUDIT, "verify", *argv], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def folder(election: Election, tmp_path: Path) -> Path:
    write_folder(tmp_path / "record", election.record().files())
    return tmp_path / "record"


def test_an_honest_folder_is_verified_with_exit_code_0(folder: Path, trust: str) -> None:
    done = _audit(str(folder), "--trust", trust)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("verdict: verified\n")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:17]] == [str(n) for n in range(1, 17)]


@pytest.mark.attack("A38")
def test_without_trust_root_the_exit_code_is_2(folder: Path) -> None:
    done = _audit(str(folder))
    assert done.returncode == 2
    assert done.stdout.endswith("verdict: inconclusive\n")


def test_a_crime_gives_exit_code_1_and_every_fault(election: Election, tmp_path: Path, trust: str) -> None:
    election.entries.insert(5, election.entries[4])
    election.reclose()
    write_folder(tmp_path / "crime", election.record().files())
    done = _audit(str(tmp_path / "crime"), "--trust", trust, "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["verdict"] == "failed"
    failed = {check["id"]: check["faults"] for check in report["checks"] if check["status"] == "FAIL"}
    assert failed == {"unique": ["leaf 5: the same key and revision as leaf 4"]}


def test_equal_input_gives_identical_json(folder: Path, trust: str) -> None:
    first, second = (_audit(str(folder), "--trust", trust, "--json").stdout for _ in range(2))
    assert first == second
    place = json.loads(first)["result"]["questions"][0]
    assert {option["id"]: option["votes"] for option in place["options"]} == {
        "river": 2,
        "school": 1,
        "none": 1,
    }


@pytest.mark.parametrize("argv", [[], ["no-such-folder"], ["--unknown"], [".", "--trust", "no-such-file"]])
def test_wrong_usage_gives_exit_code_64(argv: list[str]) -> None:
    done = _audit(*argv)
    assert done.returncode == 64
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_receipt_and_an_earlier_checkpoint_are_checked(
    election: Election, folder: Path, trust: str, tmp_path: Path
) -> None:
    receipt = election.receipts[0]
    (tmp_path / "receipt.json").write_bytes(
        canonical_json(
            {
                "format": "veche/receipt/v1",
                "leaf_hash": receipt.leaf_hash.hex(),
                "poll_id": receipt.poll_id.hex(),
                "receipt": b64u(receipt.signature),
            }
        )
    )
    (tmp_path / "seen").write_bytes(election.seen[0])
    done = _audit(
        str(folder),
        "--trust",
        trust,
        "--receipt",
        str(tmp_path / "receipt.json"),
        "--checkpoint",
        str(tmp_path / "seen"),
    )
    assert done.returncode == 0
    skipped = [line.split()[2] for line in done.stdout.splitlines() if "SKIPPED" in line]
    assert skipped == ["other-polls", "witnesses", "client"]


def test_a_file_that_is_no_receipt_is_wrong_usage(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text("[]")
    assert _audit(str(folder), "--receipt", str(tmp_path / "receipt.json")).returncode == 64


@pytest.mark.attack("A5")
@pytest.mark.parametrize(
    "missing", ["manifest.json", "signatures.json", "result.json", "checkpoint", "000.p/6"]
)
def test_a_missing_file_is_never_verified_nor_a_traceback(folder: Path, trust: str, missing: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and str(path).endswith(missing):
            path.unlink()
    done = _audit(str(folder), "--trust", trust)
    assert done.returncode in (1, 2, 64)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["manifest.json", "signatures.json", "result.json", "result.signature", "checkpoint"]
)
def test_a_garbled_file_is_never_verified_nor_a_traceback(folder: Path, trust: str, name: str) -> None:
    for path in folder.rglob(name):
        path.write_bytes(b"\xff" + path.read_bytes()[1:])
    done = _audit(str(folder), "--trust", trust)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_server_that_is_gone_leaves_the_audit_inconclusive(trust: str) -> None:
    done = _audit(f"http://127.0.0.1:9/polls/{'0' * 64}", "--trust", trust)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_open_poll_in_a_folder_is_inconclusive_or_overdue_but_never_verified(
    tmp_path: Path, trust: str
) -> None:
    election = open_election()
    election.changes = {"result": b"", "result_signature": b""}
    write_folder(tmp_path / "open", election.record().files())
    assert _audit(str(tmp_path / "open"), "--trust", trust).returncode != 0


def test_the_page_holds_the_verdict_the_recount_and_every_fault_and_is_the_same_each_time(
    election: Election, tmp_path: Path, trust: str
) -> None:
    election.entries.insert(5, election.entries[4])
    election.reclose()
    write_folder(tmp_path / "crime", election.record().files())
    pages = []
    for name in ("first.html", "second.html"):
        argv = [str(tmp_path / "crime"), "--trust", trust, "--report", str(tmp_path / name)]
        assert _audit(*argv).returncode == 1
        pages.append((tmp_path / name).read_text("utf-8"))
    assert pages[0] == pages[1]
    assert "Есть нарушения" in pages[0]
    assert "запись 5: тот же бюллетень, что в записи 4" in pages[0]
    assert "<svg" in pages[0]
    assert "http" not in pages[0].replace("http-equiv", "")


def test_every_check_has_a_name_for_people() -> None:
    assert list(page.CHECKS) == [name for name, _ in CHECKS]


def _read_all(terminal: int) -> bytes:
    """What is drawn on it, until nobody has it open any longer."""
    drawn = b""
    with suppress(OSError):  # EIO: the end
        while part := os.read(terminal, 65_536):
            drawn += part
    return drawn


def test_progress_is_a_bar_on_a_terminal_and_plain_lines_elsewhere(folder: Path, trust: str) -> None:
    argv = [AUDIT, "verify", str(folder), "--trust", trust]
    ours, theirs = pty.openpty()
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=theirs) as running:
        os.close(theirs)
        drawn = _read_all(ours).decode()
    os.close(ours)
    assert running.returncode == 0
    assert "6/6" in drawn
    assert "\x1b[" in drawn
    plain = _audit(*argv[2:]).stderr
    assert plain.splitlines()[0].endswith(": 6 of 6 leaves")
    assert "\x1b" not in plain


def test_other_polls_and_witnesses_are_checked(election: Election, folder: Path, trust: str) -> None:
    (folder.parent / "other.json").write_bytes(election.others[0])
    argv = ["--trust", trust, "--other", str(folder.parent / "other.json"), "--witness", str(WITNESS)]
    done = _audit(str(folder), *argv)
    assert done.returncode == 0, done.stdout
    assert "1 of 1 witnesses cosigned each of 2 logs" in done.stdout
    assert "1 token keys beside 1 of other polls" in done.stdout
    assert _audit(str(folder), *argv, "--witness", "not-a-key").returncode == 64
