"""The journey of all residents, and what it leaves behind: nothing that names one of them.

One of its polls is opened by trustees, the other by the ballot box.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from issuer.esia.gost import streebog256
from issuer.esia_stand.residents import RESIDENTS, Resident
from tests.programs.journey import journey

pytestmark = pytest.mark.scenario

HASHES = (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.sha512, hashlib.sha3_256, hashlib.blake2b)


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
    folder, _ = travelled
    files = [path for path in folder.rglob("*") if path.is_file() and _is_ours(path.relative_to(folder))]
    assert {"issuer.sqlite", "box.sqlite", "issuer.log", "box.log"} <= {path.name for path in files}
    needles = {needle: what for resident in RESIDENTS for what, needle in _needles(resident)}
    found = {
        f"{what} of {path.name}"
        for path in files
        for content in [path.read_bytes()]
        for needle, what in needles.items()
        if needle in content
    }
    assert found == set()


@pytest.mark.attack("A49")
def test_the_search_would_find_a_person_in_any_of_its_forms(tmp_path: Path) -> None:
    person = RESIDENTS[0]
    needles = [needle for _, needle in _needles(person)]
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
        assert any(needle in form for needle in needles)


def _is_ours(path: Path) -> bool:
    """The stand's own data stand apart; the residency table is a register of streets, not of persons."""
    return path.parts[0] != "stand" and path.name not in ("stand.log", "residency.sqlite")


def _facts(resident: Resident) -> Iterator[tuple[str, str]]:
    digits = "".join(filter(str.isdigit, resident.snils))
    birth = resident.birth_date_on(datetime.now(UTC).date())
    yield "name", resident.name
    yield "surname", resident.name.split()[0]
    yield "SNILS", resident.snils
    yield "SNILS", digits
    yield "SNILS", f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
    yield "account id", str(resident.oid)
    yield "birth date", birth
    yield "birth date", "-".join(reversed(birth.split(".")))
    for address in resident.addresses:
        for key in ("addressStr", "fiasCode"):
            if address.get(key):
                yield "address", str(address[key])


def _needles(resident: Resident) -> Iterator[tuple[str, bytes]]:
    """Every fact in plain, encoded and hashed forms."""
    for what, fact in _facts(resident):
        plain = fact.encode()
        yield what, plain
        yield what, fact.encode("utf-16-le")
        yield what, quote(fact).encode()
        yield what, json.dumps(fact).strip('"').encode()
        yield from ((what, form) for form in _encoded(plain))
        for digest in [streebog256(plain), *(make(plain).digest() for make in HASHES)]:
            yield what, digest
            yield from ((what, form) for form in _encoded(digest))


def _encoded(data: bytes) -> Iterator[bytes]:
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield base64.b64encode(data).rstrip(b"=")
    yield base64.urlsafe_b64encode(data).rstrip(b"=")
