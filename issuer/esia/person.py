"""A resident as ESIA's REST interface tells it, parsed once (reference: ESIA guidelines, table 6)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

from issuer.esia.errors import EsiaAnswerInvalid

Status = Literal["REGISTERED", "DELETED"]

REGISTRATION: Final = "PRG"
ACTUAL: Final = "PLV"

_UNCHECKED_SNILS: Final = 1_001_998
_NOT_DIGITS = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff\u2010-\u2015\u2212-]")
_DATE = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationAddress:
    """The place of registration. `fias_guid` is None when ESIA gives none or something that is no GUID."""

    fias_guid: UUID | None
    verified: bool


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who signed in. `repr` shows no value, so that none reaches a log by accident."""

    oid: int
    snils: str
    """11 ASCII digits."""
    birth_date: date
    confirmed: bool
    """By both signs: `trusted` in the REST answer and the id token."""
    status: Status
    registration: RegistrationAddress | None
    """None when there is no address of type PRG."""
    has_actual_address: bool


def parse_person(
    oid: int,
    person: Any,
    addresses: Any,
    *,
    id_token_confirmed: bool,
    verified_marks: Collection[str],
) -> Person:
    """Parse the answers of `/rs/prns/{oid}` and `/addrs?embed=(elements)`.

    `verified_marks` are the values of `vrfDdt` that count as a verified address: which they are is not
    published, so an installation must learn them; without any, no address is verified.
    Raises EsiaAnswerInvalid, naming the field.
    """
    if not isinstance(person, dict):
        raise EsiaAnswerInvalid("person")
    elements = _elements(addresses)
    return Person(
        oid=oid,
        snils=parse_snils(person.get("snils")),
        birth_date=parse_birth_date(person.get("birthDate")),
        confirmed=person.get("trusted") is True and id_token_confirmed,
        status=_status(person.get("status")),
        registration=_registration(elements, verified_marks),
        has_actual_address=any(element.get("type") == ACTUAL for element in elements),
    )


def parse_snils(value: object) -> str:
    """11 digits, whatever separates them; numbers above 001-001-998 need the right check number.

    Raises EsiaAnswerInvalid.
    """
    digits = _NOT_DIGITS.sub("", value) if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise EsiaAnswerInvalid("snils")
    if int(digits[:9]) > _UNCHECKED_SNILS and int(digits[9:]) != snils_check_number(digits[:9]):
        raise EsiaAnswerInvalid("snils check number")
    return digits


def snils_check_number(number: str) -> int:
    """The two last digits that belong to the nine first."""
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(number))
    return total % 101 % 100


def parse_birth_date(value: object) -> date:
    """Read ДД.ММ.ГГГГ with blanks around it allowed. Raises EsiaAnswerInvalid."""
    text = value.strip().strip("\ufeff") if isinstance(value, str) else ""
    if not _DATE.fullmatch(text):
        raise EsiaAnswerInvalid("birthDate")
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007
    except ValueError:
        raise EsiaAnswerInvalid("birthDate") from None


def _status(value: object) -> Status:
    status = value.upper() if isinstance(value, str) else ""
    if status not in ("REGISTERED", "DELETED"):
        raise EsiaAnswerInvalid("status")
    return cast(Status, status)


def _elements(addresses: Any) -> list[dict[str, Any]]:
    if not isinstance(addresses, dict):
        raise EsiaAnswerInvalid("addrs")
    elements = addresses.get("elements", [])
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise EsiaAnswerInvalid("addrs elements")
    # An answer in pages would hide an address, and a hidden address is a wrong decision about a person.
    if addresses.get("size", len(elements)) != len(elements):
        raise EsiaAnswerInvalid("addrs size")
    return elements


def _registration(
    elements: list[dict[str, Any]], verified_marks: Collection[str]
) -> RegistrationAddress | None:
    found = [element for element in elements if element.get("type") == REGISTRATION]
    if len(found) > 1:
        raise EsiaAnswerInvalid("addrs with two PRG")
    if not found:
        return None
    mark = found[0].get("vrfDdt")
    return RegistrationAddress(
        fias_guid=_guid(found[0].get("fiasCode")), verified=isinstance(mark, str) and mark in verified_marks
    )


def _guid(value: object) -> UUID | None:
    text = value.strip().strip("\ufeff").lower() if isinstance(value, str) else ""
    return UUID(text) if _UUID.fullmatch(text) else None
