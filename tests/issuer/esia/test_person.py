"""Parsing what ESIA's REST interface says of a person."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from issuer.esia.errors import EsiaAnswerInvalid
from issuer.esia.person import Person, parse_birth_date, parse_person, parse_snils

OID = 1000299681
STREET = "00000000-0000-4000-8000-00000000000a"


def answer(**changes: Any) -> dict[str, Any]:
    fields = {"status": "REGISTERED", "trusted": True, "snils": "000-000-600 06", "birthDate": "01.02.1990"}
    return {**fields, **changes}


def collection(*elements: Any, **changes: Any) -> dict[str, Any]:
    return {"stateFacts": ["hasSize"], "size": len(elements), "elements": list(elements), **changes}


def prg(**changes: Any) -> dict[str, Any]:
    return {"type": "PRG", "fiasCode": STREET, "vrfDdt": "0,0,0", **changes}


def parse(
    person: Any = None, addresses: Any = None, *, by_token: bool = True, marks: frozenset[str] = frozenset()
) -> Person:
    return parse_person(
        OID,
        person if person is not None else answer(),
        addresses if addresses is not None else collection(prg()),
        id_token_confirmed=by_token,
        verified_marks=marks,
    )


def test_a_person_is_read() -> None:
    person = parse()
    assert (person.oid, person.snils, person.birth_date) == (OID, "00000060006", date(1990, 2, 1))
    assert (person.confirmed, person.status, person.has_actual_address) == (True, "REGISTERED", False)
    assert person.registration is not None
    assert person.registration.fias_guid == UUID(STREET)


@pytest.mark.parametrize(
    ("trusted", "by_token", "confirmed"),
    [
        (True, True, True),
        (False, True, False),
        (True, False, False),
        (None, True, False),
        ("true", True, False),
        (1, True, False),
    ],
)
def test_both_signs_together_confirm_an_account(trusted: Any, *, by_token: bool, confirmed: bool) -> None:
    assert parse(answer(trusted=trusted), by_token=by_token).confirmed is confirmed


@pytest.mark.parametrize(("status", "read"), [("Registered", "REGISTERED"), ("DELETED", "DELETED")])
def test_the_status_is_read_in_any_case(status: str, read: str) -> None:
    assert parse(answer(status=status)).status == read


@pytest.mark.parametrize(
    "text",
    [
        "112-233-445 95",
        "11223344595",
        " 112-233-445 95 ",
        "112\u2013233\u2011445\u00a095",
        "\ufeff112\u2212233\u2010445\u200995\u200b",
        "112 233 445-95\n",
    ],
)
def test_a_snils_has_one_form_whatever_separates_it(text: str) -> None:
    assert parse_snils(text) == "11223344595"


@pytest.mark.parametrize(
    "text",
    [
        "112-233-445 96",
        "112-233-445 9",
        "112-233-445 955",
        "",
        None,
        11223344595,
        "11223344595a",
        "1122334459٥",
    ],
)
def test_what_is_no_snils_is_refused(text: Any) -> None:
    with pytest.raises(EsiaAnswerInvalid, match="snils"):
        parse_snils(text)


def test_the_check_number_holds_only_above_the_old_numbers() -> None:
    assert parse_snils("001-001-998 99") == "00100199899"
    with pytest.raises(EsiaAnswerInvalid):
        parse_snils("001-001-999 99")


def test_check_numbers_of_100_and_101_are_zero() -> None:
    # Sums: 9*9 + 8 + 7 + 4 = 100, 9*9 + 8 + 7 + 5 = 101, and 9*9 + 8 + 7 + 6 = 102.
    assert [parse_snils(f"{number}{check}") for number, check in [
        ("911001000", "00"), ("911010000", "00"), ("911100000", "01"),
    ]] == ["91100100000", "91101000000", "91110000001"]  # fmt: skip


@pytest.mark.parametrize("text", [" 29.02.2008 ", "\ufeff29.02.2008", "29.02.2008\u00a0"])
def test_blanks_around_a_date_do_not_matter(text: str) -> None:
    assert parse_birth_date(text) == date(2008, 2, 29)


@pytest.mark.parametrize(
    "text", ["29.02.2007", "2008-02-29", "1.2.2008", "00.01.2008", "01.01.08", "", None, 5]
)
def test_what_is_no_date_is_refused(text: Any) -> None:
    with pytest.raises(EsiaAnswerInvalid, match="birthDate"):
        parse_birth_date(text)


@pytest.mark.parametrize("code", [STREET, STREET.upper(), f" {STREET}\u00a0", f"\ufeff{STREET}"])
def test_a_street_code_has_one_form(code: str) -> None:
    registration = parse(addresses=collection(prg(fiasCode=code))).registration
    assert registration is not None
    assert registration.fias_guid == UUID(STREET)


@pytest.mark.parametrize(
    "code", [None, "", "street", 5, STREET[:-1], "{" + STREET + "}", STREET.replace("-", "")]
)
def test_an_address_without_a_street_code_is_still_an_address(code: Any) -> None:
    registration = parse(addresses=collection(prg(fiasCode=code))).registration
    assert registration is not None
    assert registration.fias_guid is None


def test_only_the_registration_counts() -> None:
    others = [prg(type=kind) for kind in ("PLV", "PTA", "OLG", "prg", None)]
    person = parse(addresses=collection(*others))
    assert person.registration is None
    assert person.has_actual_address


@pytest.mark.parametrize(
    "addresses", [{"stateFacts": ["hasSize"], "size": 0, "elements": []}, {"size": 0}, {"elements": []}]
)
def test_an_empty_list_is_no_registration(addresses: Any) -> None:
    person = parse(addresses=addresses)
    assert (person.registration, person.has_actual_address) == (None, False)


def test_no_mark_means_verified_unless_an_installation_says_so() -> None:
    def verified(mark: Any, *marks: str) -> bool:
        registration = parse(addresses=collection(prg(vrfDdt=mark)), marks=frozenset(marks)).registration
        assert registration is not None
        return registration.verified

    assert verified("1,1,1", "1,1,1")
    assert not verified("1,1,1")
    assert not verified("0,0,0", "1,1,1")
    assert not verified(None, "1,1,1")
    assert not verified(["1,1,1"], "1,1,1")


@pytest.mark.parametrize(
    ("name", "person", "addresses"),
    [
        ("no object", [], None),
        ("no snils", {"status": "REGISTERED", "birthDate": "01.02.1990"}, None),
        ("no birth date", {"status": "REGISTERED", "snils": "000-000-600 06"}, None),
        ("unknown status", answer(status="ASLEEP"), None),
        ("addresses as a list", None, []),
        ("links in place of addresses", None, collection("http://esia/rs/prns/1/addrs/1")),
        ("a page of several", None, collection(prg(), size=2)),
        ("two registrations", None, collection(prg(), prg())),
        ("elements no list", None, {"elements": {}}),
    ],
)
def test_another_answer_is_refused(name: str, person: Any, addresses: Any) -> None:
    with pytest.raises(EsiaAnswerInvalid):
        parse(person, addresses)


def test_a_person_prints_no_value_and_an_error_repeats_none() -> None:
    person = parse()
    for text in (repr(person), str(person), repr(person.registration), f"{person}"):
        assert not any(value in text for value in (str(OID), "60006", "1990", STREET))
    with pytest.raises(EsiaAnswerInvalid) as caught:
        parse(answer(snils="112-233-445 96"))
    assert "112" not in repr(caught.value)
