"""The fictional residents: enough, consistent, and read by the client as they are meant."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files

import pytest

from issuer.esia.errors import EsiaAnswerInvalid
from issuer.esia.person import Person, parse_birth_date, parse_snils, snils_check_number
from issuer.esia_stand.residents import RESIDENTS, resident_of, residents_by_id
from issuer.residency.build import build
from issuer.residency.table import ResidencyTable
from shared.refusals import (
    AccountDeleted,
    AccountNotConfirmed,
    AddressNotRecognised,
    NotResident,
    RegistrationMissing,
    TokenAlreadyIssued,
    TooYoung,
)
from shared.territory import covers
from tests.issuer.esia_stand.desk import Desk

TERRITORIES = {"barnaul": ["01701000"], "region": ["01000000"]}


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> ResidencyTable:
    """The residency table of the stand's addresses."""
    path = tmp_path_factory.mktemp("residency") / "residency.sqlite"
    with as_file(files("issuer.esia_stand").joinpath("addresses.csv")) as addresses:
        build(addresses, path)
    return ResidencyTable.open(path)


def place(person: Person, table: ResidencyTable) -> str | None:
    """The OKTMO code of the registration, None when it is not recognised."""
    if person.registration is None or person.registration.fias_guid is None:
        return None
    try:
        return table.resolve(person.registration.fias_guid)
    except AddressNotRecognised:
        return None


def test_there_are_enough_of_every_kind() -> None:
    outcomes = {resident.expected["region"] for resident in RESIDENTS}
    refusals = {
        refusal.slug
        for refusal in (
            AccountDeleted, AccountNotConfirmed, AddressNotRecognised, NotResident, RegistrationMissing,
            TokenAlreadyIssued, TooYoung,
        )
    }  # fmt: skip
    assert len(RESIDENTS) >= 24
    assert outcomes == refusals | {"eligible"}
    assert sum(resident.expected["barnaul"] == "eligible" for resident in RESIDENTS) >= 10
    assert len({resident.id for resident in RESIDENTS}) == len({resident.oid for resident in RESIDENTS})


def test_snils_are_fictional_with_right_check_numbers() -> None:
    numbers = [parse_snils(resident.snils) for resident in RESIDENTS]
    for number in numbers:
        assert int(number[:9]) < 1_001_998
        assert snils_check_number(number[:9]) == int(number[9:])
    assert len(set(numbers)) == len(numbers) - 1


@pytest.mark.parametrize("days", [0, 1, 30, 45, 100, 200, 365, 460])
def test_seventeen_stays_seventeen(days: int) -> None:
    today = date(2026, 11, 23) + timedelta(days=days)

    def birthday(resident: str, age: int) -> date:
        born = parse_birth_date(residents_by_id()[resident].birth_date_on(today))
        return born.replace(year=born.year + age)

    assert birthday("too-young", 17) <= today
    assert birthday("too-young", 18) > today + timedelta(days=100)
    assert birthday("just-adult", 18) <= today


def test_the_stand_reckons_ages_by_its_clock(desk: Desk) -> None:
    desk.now = datetime(2031, 12, 31, 18, tzinfo=UTC)
    assert desk.person("too-young").birth_date == date(2014, 7, 1)


def outcome(person: Person, oktmo: str | None, poll: str, today: date, taken: set[str]) -> str:
    """What an issuer should say, from what the client read and the residency table."""
    refusals = {
        "account-deleted": person.status == "DELETED",
        "registration-missing": person.registration is None,
        "address-not-recognised": oktmo is None,
        "not-resident": oktmo is not None and not covers(TERRITORIES[poll], oktmo),
        "too-young": person.birth_date > today.replace(year=today.year - 18),
        "token-already-issued": person.snils in taken,
    }
    said = next((slug for slug, holds in refusals.items() if holds), "eligible")
    if said == "eligible":
        taken.add(person.snils)
    return said


def test_what_is_expected_of_each_follows_from_the_data(desk: Desk, table: ResidencyTable) -> None:
    persons = {resident.id: desk.person(resident.id) for resident in RESIDENTS if resident.trusted}
    assert all(person.confirmed for person in persons.values())
    for poll in TERRITORIES:
        taken: set[str] = set()
        said = {
            name: outcome(person, place(person, table), poll, desk.now.date(), taken)
            for name, person in persons.items()
        }
        expected = {resident.id: resident.expected[poll] for resident in RESIDENTS}
        assert said | {"unconfirmed": "account-not-confirmed"} == expected


def test_one_address_is_marked_as_not_verified(desk: Desk) -> None:
    unverified, verified = desk.person("unverified-address"), desk.person("barnaul-2")
    assert unverified.registration is not None
    assert verified.registration is not None
    assert unverified.registration.fias_guid == verified.registration.fias_guid
    assert (unverified.registration.verified, verified.registration.verified) == (False, True)


def test_who_moved_has_the_old_place_as_the_actual_address(desk: Desk, table: ResidencyTable) -> None:
    person = desk.person("moved")
    assert person.has_actual_address
    assert place(person, table) == "01705000"


def test_only_an_actual_address_is_no_registration(desk: Desk) -> None:
    person = desk.person("only-actual")
    assert (person.registration, person.has_actual_address) == (None, True)


def test_two_accounts_have_one_snils(desk: Desk) -> None:
    first, second = desk.person("double-first"), desk.person("double-second")
    assert first.snils == second.snils
    assert first.oid != second.oid


def test_a_raw_odd_snils_would_not_do() -> None:
    with pytest.raises(EsiaAnswerInvalid):
        parse_snils(residents_by_id()["odd-snils"].snils[:-3])


def test_everybody_of_a_crowd_is_a_person_of_their_own_and_nobody_beyond_it() -> None:
    crowd = [resident_of(f"crowd-{number}", crowd=300) for number in range(300)]
    people = [resident for resident in crowd if resident is not None]
    assert len(people) == 300
    numbers = {parse_snils(resident.snils) for resident in (*people, *RESIDENTS[:3])}
    assert len(numbers) == len({resident.oid for resident in people}) + 3 == 303
    assert resident_of("crowd-300", crowd=300) is None
    assert resident_of("crowd-0", crowd=0) is None
    assert resident_of("crowd-²", crowd=300) is None
    assert resident_of(RESIDENTS[0].id, crowd=0) is RESIDENTS[0]
