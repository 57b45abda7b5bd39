"""The journey of all residents, and what it leaves behind: nothing that names one of them.

One of its polls is opened by trustees, the other by the ballot box.
"""

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from issuer.esia_stand.residents import RESIDENTS
from tests.planted import traces
from tests.programs.daily import KEPT
from tests.programs.journey import journey

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = Path(tmp_path_factory.mktemp("journey"))
    return folder, journey(folder, sealed=["barnaul"], automatic=["fair"])


def test_every_resident_is_served_or_refused_as_expected_and_the_audit_verifies(
    travelled: tuple[Path, int],
) -> None:
    folder, code = travelled
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    assert code == 0
    assert summary["audit"] == "verified"
    assert summary["residents"] == len(RESIDENTS)
    assert summary["tokens"] == summary["ballots"] > 20
    assert sum(summary["refusals"].values()) + summary["ballots"] == 2 * len(RESIDENTS)


@pytest.mark.sqlite
@pytest.mark.attack("A49")
def test_no_resident_is_named_in_any_database_key_file_or_log_of_ours(travelled: tuple[Path, int]) -> None:
    """Nor in backups, metrics, and what commands print."""
    folder, _ = travelled
    files = [path for path in folder.rglob("*") if path.is_file() and _is_ours(path.relative_to(folder))]
    assert {"issuer.sqlite", "box.sqlite", "issuer.log", "box.log", *KEPT} <= {path.name for path in files}
    assert {f"{what} in {path.name}" for path in files for what in traces(path.read_bytes())} == set()


@pytest.mark.attack("A49")
def test_the_search_would_find_a_person_in_any_of_its_forms() -> None:
    person = RESIDENTS[0]
    digits = "".join(filter(str.isdigit, person.snils))
    for form in (
        person.name.encode(),
        digits.encode(),
        hashlib.sha256(digits.encode()).digest(),
        hashlib.sha256(digits.encode()).hexdigest().encode(),
        base64.b64encode(hashlib.sha256(person.snils.encode()).digest()),
        quote(person.name).encode(),
        json.dumps(person.name).strip('"').encode(),
        str(person.oid).encode(),
    ):
        for place in range(8):
            assert traces(bytes(place) + form + b"...")
    for place in range(3):
        assert traces(base64.urlsafe_b64encode(bytes(place) + json.dumps({"oid": person.oid}).encode()))


def _is_ours(path: Path) -> bool:
    """The stand's own data stand apart; the residency table is a register of streets, not of persons."""
    return path.parts[0] != "stand" and path.name not in ("stand.log", "residency.sqlite")
