"""Closing records, docs/protocol.md 5.4 and 7.4: the last leaf of a log, naming what stands before it."""

from shared import labels
from shared.encoding import EncodingRefused, canonical_json, parse_canonical


class ClosingInvalid(Exception):
    """A leaf that bears a closing label but is no closing record of this poll."""


def poll_closing(poll_id: bytes, ballots: int) -> bytes:
    """The poll log's closing record."""
    return labels.CLOSING + canonical_json({"ballots": ballots, "poll_id": poll_id.hex()})


def issuance_closing(poll_id: bytes, issued: int) -> bytes:
    """An issuance log's closing record."""
    return labels.ISSUANCE_CLOSING + canonical_json({"issued": issued, "poll_id": poll_id.hex()})


def read_poll_closing(leaf: bytes, poll_id: bytes) -> int:
    """The number of ballots a poll's closing record names. Raises ClosingInvalid."""
    return _read(leaf, labels.CLOSING, poll_id, "ballots")


def read_issuance_closing(leaf: bytes, poll_id: bytes) -> int:
    """The number of issuances a closing record names. Raises ClosingInvalid."""
    return _read(leaf, labels.ISSUANCE_CLOSING, poll_id, "issued")


def _read(leaf: bytes, label: bytes, poll_id: bytes, counted: str) -> int:
    if not leaf.startswith(label):
        raise ClosingInvalid("another label")
    try:
        members = parse_canonical(leaf.removeprefix(label))
    except EncodingRefused as refused:
        raise ClosingInvalid(str(refused)) from None
    if not isinstance(members, dict) or set(members) != {counted, "poll_id"}:
        raise ClosingInvalid("other members than section 7.4 gives")
    number = members[counted]
    if members["poll_id"] != poll_id.hex():
        raise ClosingInvalid("of another poll")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ClosingInvalid(f"{counted} is no number")
    return number
