"""The auditor names every crime of the catalogue by its check, and finds none in honest elections."""

from pathlib import Path

import pytest

from auditor.checks import CHECKS, run_checks
from auditor.commands.inputs import receipt_file
from auditor.context import Audit, Brought
from auditor.record import read_record
from auditor.report import Report
from auditor.source import Folder
from crypto.cosignature import WitnessKey
from shared.encoding import parse_canonical, parse_time
from shared.trust import parse_trust
from tests.frauds.catalogue import CASES, write_case

pytestmark = pytest.mark.fraud


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
    )
    source = Folder(folder / "record")
    record = read_record(source(), expected["poll_url"])
    return run_checks(Audit(record, source, brought, parse_time(expected["time"]))), expected


@pytest.mark.parametrize("name", CASES)
def test_exactly_the_checks_that_must_fail_do(name: str, tmp_path: Path) -> None:
    write_case(tmp_path, CASES[name])
    report, expected = _audit(tmp_path)
    found = {"failed": list(report.failed), "verdict": report.verdict}
    assert found == {"failed": expected["failed"], "verdict": expected["verdict"]}, "\n".join(report.lines())


def test_every_check_finds_a_crime_that_no_other_finds() -> None:
    alone = {case.failed[0] for case in CASES.values() if len(case.failed) == 1}
    assert alone == {name for name, _ in CHECKS}
