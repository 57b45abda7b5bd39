"""Both audits, ours and the client's, name every crime by its check, and find none in honest elections."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from auditor.checks import CHECKS, run_checks
from auditor.commands.inputs import receipt_file
from auditor.context import Audit, Brought
from auditor.page import MEANINGS
from auditor.record import read_record
from auditor.report import Report
from auditor.russian import in_russian
from auditor.source import Folder
from crypto.cosignature import WitnessKey
from shared.encoding import parse_canonical, parse_time
from shared.trust import parse_trust
from tests.frauds.catalogue import CASES, write_case
from tests.frauds.in_chromium import CLIENT, NODE, in_chromium

pytestmark = pytest.mark.fraud

NOT_IN_A_BROWSER = {"client"}
"""A client that lies about votes would lie about its own files, too."""


@cache
def _audit(folder: Path) -> tuple[Report, dict[str, object]]:
    """Audit a case from its files alone, as any other auditor would."""
    expected = parse_canonical((folder / "expected.json").read_bytes())
    trust = folder / "trust.json"
    brought = Brought(
        trust=parse_trust(trust.read_bytes()) if trust.exists() else None,
        checkpoints=tuple(path.read_bytes() for path in sorted((folder / "checkpoints").iterdir())),
        receipts=tuple(receipt_file(path) for path in sorted((folder / "receipts").iterdir())),
        manifests=tuple(path.read_bytes() for path in sorted((folder / "others").iterdir())),
        witnesses=tuple(map(WitnessKey.parse, expected["witnesses"])),
        quorum=expected["quorum"],
        client=expected["client"],
    )
    source = Folder(folder / "record")
    record = read_record(source(), expected["poll_url"])
    return run_checks(Audit(record, source, brought, parse_time(expected["time"]))), expected


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for every case."""
    folder = tmp_path_factory.mktemp("frauds")
    for name, case in CASES.items():
        write_case(folder / name, case)
    return folder


@pytest.fixture(scope="module", params=["node", pytest.param("chromium", marks=pytest.mark.e2e)])
def browser_audits(
    request: pytest.FixtureRequest, cases: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What the client's audit says of every case, by name: the second implementation, by two engines."""
    if NODE is None or not (CLIENT / "node_modules").is_dir():
        pytest.skip("node or the client's packages are not installed")
    if request.param == "node":
        argv = [NODE, "interop/audit.ts", *(str(cases / name) for name in CASES)]
        done = subprocess.run(argv, cwd=CLIENT, capture_output=True, text=True, check=True)
        return dict(zip(CASES, map(json.loads, done.stdout.splitlines()), strict=True))
    return in_chromium(request.getfixturevalue("browser"), cases, tmp_path_factory.mktemp("case"))


def _cases() -> list[ParameterSet]:
    return [
        pytest.param(name, marks=[pytest.mark.attack(case.attack)] if case.attack else [])
        for name, case in CASES.items()
    ]


@pytest.mark.parametrize("name", _cases())
def test_exactly_the_checks_that_must_fail_do(name: str, cases: Path) -> None:
    report, expected = _audit(cases / name)
    found = {"failed": list(report.failed), "verdict": report.verdict}
    assert found == {"failed": expected["failed"], "verdict": expected["verdict"]}, "\n".join(report.lines())


def test_all_that_is_said_of_a_crime_is_said_in_russian_on_the_page(cases: Path) -> None:
    said = {
        sentence
        for name in CASES
        for finding in _audit(cases / name)[0].findings
        for sentence in (finding.detail, *finding.faults)
    }
    assert [sentence for sentence in said if in_russian(sentence) is None] == []
    assert list(MEANINGS) == [name for name, _ in CHECKS]


@pytest.mark.parametrize("name", CASES)
def test_the_browser_audit_agrees_in_every_check_and_number(
    name: str, cases: Path, browser_audits: dict[str, dict[str, Any]]
) -> None:
    report, _ = _audit(cases / name)
    browser = browser_audits[name]
    due = ["SKIPPED" if found.id in NOT_IN_A_BROWSER else found.status for found in report.findings]
    assert browser["statuses"] == due, "\n".join(browser["lines"])
    assert browser["failed"] == [name for name in report.failed if name not in NOT_IN_A_BROWSER]
    if set(report.failed) != NOT_IN_A_BROWSER:
        assert browser["verdict"] == report.verdict
    assert _numbers(browser["recount"]) == _numbers(json.loads(report.to_json())["result"])


def _numbers(result: dict[str, Any] | None) -> dict[str, Any] | None:
    """A count without what a result statement says beside it."""
    return result and {name: result[name] for name in ("ballots", "held", "invalid", "questions", "valid")}


def test_every_check_finds_a_crime_that_no_other_finds() -> None:
    alone = {case.failed[0] for case in CASES.values() if len(case.failed) == 1}
    assert alone == {name for name, _ in CHECKS}
