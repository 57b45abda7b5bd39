"""Who may vote in a poll: a pure decision on what ESIA said."""

from datetime import date, datetime

from issuer.esia.person import Person, RegistrationAddress
from issuer.residency.table import ResidencyTable
from shared.clock import ALTAI
from shared.manifest import Manifest, Poll
from shared.refusals import (
    AccountDeleted,
    AccountNotConfirmed,
    AddressNotRecognised,
    AddressNotVerified,
    NotResident,
    PollClosed,
    PollNotOpen,
    RegistrationMissing,
    TooYoung,
)
from shared.territory import UnknownTerritory, covers


def check_window(poll: Poll, now: datetime) -> None:
    """Whether the poll gives tokens now (docs/protocol.md 5.3). Raises PollNotOpen, PollClosed."""
    if now < poll.manifest.issuance_opens_at:
        raise PollNotOpen
    if now >= poll.manifest.closes_at:
        raise PollClosed


def judge(person: Person, poll: Poll, residency: ResidencyTable, now: datetime) -> None:
    """Whether this person may have a token of this poll now.

    The first reason in this order is raised: the poll's window (PollNotOpen, PollClosed), the account
    (AccountDeleted, AccountNotConfirmed), the address (RegistrationMissing, AddressNotVerified,
    AddressNotRecognised), the territory (NotResident), the age (TooYoung).
    """
    check_window(poll, now)
    check_account(person)
    _check_territory(_address(person, poll.manifest), poll.manifest, residency)
    day = poll.manifest.opens_at.astimezone(ALTAI).date()
    if full_years(person.birth_date, day) < poll.manifest.minimum_age:
        raise TooYoung


def full_years(birth: date, on: date) -> int:
    """The age in full years; who was born on 29 February completes a year on 1 March where there is none."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def check_account(person: Person) -> None:
    """Whether ESIA vouches for the person. Raises AccountDeleted, AccountNotConfirmed."""
    if person.status == "DELETED":
        raise AccountDeleted
    if not person.confirmed:
        raise AccountNotConfirmed


def _address(person: Person, manifest: Manifest) -> RegistrationAddress:
    if person.registration is None:
        raise RegistrationMissing
    if manifest.residency == "verified" and not person.registration.verified:
        raise AddressNotVerified
    return person.registration


def _check_territory(address: RegistrationAddress, manifest: Manifest, residency: ResidencyTable) -> None:
    """What our tables do not know is not recognised; nobody is called a stranger for our ignorance."""
    if address.fias_guid is None:
        raise AddressNotRecognised
    oktmo = residency.resolve(address.fias_guid)
    try:
        inside = covers([place.oktmo for place in manifest.territory], oktmo)
    except UnknownTerritory:
        raise AddressNotRecognised from None
    if not inside:
        raise NotResident
