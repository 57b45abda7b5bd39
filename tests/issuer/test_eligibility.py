"""Who may vote: every refusal, and which one comes first."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from issuer.eligibility import full_years, judge
from issuer.esia.person import Person, RegistrationAddress
from issuer.residency.build import build
from issuer.residency.table import ResidencyTable
from shared.encoding import parse_time
from shared.refusals import (
    AccountDeleted,
    AccountNotConfirmed,
    AddressNotRecognised,
    AddressNotVerified,
    NotResident,
    PollClosed,
    PollNotOpen,
    Refusal,
    RegistrationMissing,
    TooYoung,
)
from tests.samples import sample_poll

BARNAUL, BIYSK, NOVOSIBIRSK, NOWHERE, UNKNOWN = (UUID(int=number) for number in range(1, 6))
NOW = parse_time("2026-11-10T12:00:00Z")
HOME = RegistrationAddress(BARNAUL, verified=True)
PERSON = Person(
    oid=1,
    snils="00000060119",
    birth_date=date(1984, 3, 12),
    confirmed=True,
    status="REGISTERED",
    registration=HOME,
    has_actual_address=False,
)


@pytest.fixture(scope="module")
def residency(tmp_path_factory: pytest.TempPathFactory) -> ResidencyTable:
    folder: Path = tmp_path_factory.mktemp("residency")
    rows = {BARNAUL: "01701000", BIYSK: "01705000", NOVOSIBIRSK: "50701000", NOWHERE: "01999000"}
    lines = ["fias_guid,oktmo,successor", *(f"{guid},{oktmo}," for guid, oktmo in rows.items())]
    (folder / "addresses.csv").write_text("\n".join(lines), "utf-8")
    build(folder / "addresses.csv", folder / "table")
    return ResidencyTable.open(folder / "table")


def living_at(guid: UUID | None, *, verified: bool = True) -> Person:
    return replace(PERSON, registration=RegistrationAddress(guid, verified=verified))


REGION = [{"oktmo": "01000000", "name": "Алтайский край"}]


@pytest.mark.parametrize(
    ("person", "changes"),
    [
        (PERSON, {}),
        (PERSON, {"territory": REGION}),
        (PERSON, {"residency": "verified"}),
        (living_at(BARNAUL, verified=False), {}),
        (living_at(BIYSK), {"territory": REGION}),
    ],
)
def test_residents_are_eligible(residency: ResidencyTable, person: Person, changes: dict[str, Any]) -> None:
    judge(person, sample_poll(**changes), residency, NOW)


@pytest.mark.parametrize(
    ("person", "changes", "refusal"),
    [
        (replace(PERSON, status="DELETED"), {}, AccountDeleted),
        (replace(PERSON, confirmed=False), {}, AccountNotConfirmed),
        (replace(PERSON, registration=None), {}, RegistrationMissing),
        (replace(PERSON, registration=None, has_actual_address=True), {}, RegistrationMissing),
        (living_at(BARNAUL, verified=False), {"residency": "verified"}, AddressNotVerified),
        (living_at(UNKNOWN), {}, AddressNotRecognised),
        (living_at(UNKNOWN), {"territory": REGION}, AddressNotRecognised),
        (living_at(None), {}, AddressNotRecognised),
        (living_at(NOWHERE), {}, AddressNotRecognised),
        (living_at(BIYSK), {}, NotResident),
        (living_at(NOVOSIBIRSK), {}, NotResident),
        (living_at(NOVOSIBIRSK), {"territory": REGION}, NotResident),
        (replace(PERSON, birth_date=date(2009, 1, 1)), {}, TooYoung),
    ],
)
def test_a_refusal_has_its_word(
    residency: ResidencyTable, person: Person, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        judge(person, sample_poll(**changes), residency, NOW)


def test_the_first_reason_is_told(residency: ResidencyTable) -> None:
    """Each step removes the reason that was told, and the next one shows."""
    steps: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"status": "DELETED", "confirmed": False, "registration": None}, AccountDeleted),
        ({"status": "REGISTERED"}, AccountNotConfirmed),
        ({"confirmed": True}, RegistrationMissing),
        ({"registration": RegistrationAddress(UNKNOWN, verified=False)}, AddressNotVerified),
        ({"registration": RegistrationAddress(UNKNOWN, verified=True)}, AddressNotRecognised),
        ({"registration": RegistrationAddress(BIYSK, verified=True)}, NotResident),
        ({"registration": HOME}, TooYoung),
    ]
    person, poll = replace(PERSON, birth_date=date(2015, 1, 1)), sample_poll(residency="verified")
    for changes, refusal in steps:
        person = replace(person, **changes)
        with pytest.raises(refusal):
            judge(person, poll, residency, NOW)
    judge(replace(person, birth_date=date(1984, 3, 12)), poll, residency, NOW)


def test_tokens_are_given_from_opening_to_closing(residency: ResidencyTable) -> None:
    poll, second = sample_poll(), timedelta(seconds=1)
    opens, closes = poll.manifest.issuance_opens_at, poll.manifest.closes_at
    judge(PERSON, poll, residency, opens)
    judge(PERSON, poll, residency, closes - second)
    with pytest.raises(PollNotOpen):
        judge(PERSON, poll, residency, opens - second)
    with pytest.raises(PollClosed):
        judge(PERSON, poll, residency, closes)


@pytest.mark.parametrize(
    ("opens_at", "youngest"),
    [
        ("2026-11-20T16:59:59Z", date(2008, 11, 20)),
        ("2026-11-20T17:00:00Z", date(2008, 11, 21)),
        ("2026-02-28T16:59:59Z", date(2008, 2, 28)),
        ("2026-02-28T17:00:00Z", date(2008, 3, 1)),
    ],
)
def test_age_is_counted_at_opening_in_the_time_of_the_region(
    residency: ResidencyTable, opens_at: str, youngest: date
) -> None:
    poll = sample_poll(issuance_opens_at="2026-01-01T00:00:00Z", opens_at=opens_at)
    judge(replace(PERSON, birth_date=youngest), poll, residency, NOW)
    with pytest.raises(TooYoung):
        judge(replace(PERSON, birth_date=youngest + timedelta(days=1)), poll, residency, NOW)


def test_full_years_do_not_round() -> None:
    assert full_years(date(2000, 5, 2), date(2018, 5, 1)) == 17
    assert full_years(date(2000, 5, 2), date(2018, 5, 2)) == 18
