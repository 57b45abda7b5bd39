"""Sealed answers and their opening, docs/protocol.md 6.6 and 8.6."""

from collections.abc import Callable
from dataclasses import dataclass

from crypto import hpke
from crypto.errors import InvalidKey, OpeningFailed
from shared import labels
from shared.answers import Answers, encode_answers
from shared.ballot import Ballot
from shared.encoding import EncodingRefused, b64u, canonical_json, from_b64u, from_hex, parse_canonical
from shared.manifest import Poll, Sealing

FORMAT = "veche/opening/v1"
MAX_OPENING_SIZE = 1024

ReadAnswers = Callable[[Ballot], bytes]
"""The answers of a ballot in the clear, padded as in section 6.2; empty when they do not open."""


class OpeningInvalid(Exception):
    """An opening that breaks section 8.6, or is not of this poll."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The private key (32 bytes) with which everybody opens the ballots of a closed poll."""

    poll_id: bytes
    private_key: bytes

    @property
    def encoded(self) -> bytes:
        """The canonical JSON as it is published."""
        return canonical_json(
            {"format": FORMAT, "poll_id": self.poll_id.hex(), "private_key": b64u(self.private_key)}
        )

    @property
    def entry(self) -> bytes:
        """The catalogue's entry."""
        return labels.OPENING + self.encoded


def parse_opening(data: bytes) -> Opening:
    """Read an opening strictly. Raises OpeningInvalid."""
    try:
        members = parse_canonical(data)
        if not isinstance(members, dict) or set(members) != {"format", "poll_id", "private_key"}:
            raise OpeningInvalid("other members than section 8.6 gives")
        if members["format"] != FORMAT:
            raise OpeningInvalid("of another format")
        key = from_b64u(members["private_key"], size=hpke.PRIVATE_KEY_SIZE)
        return Opening(from_hex(members["poll_id"], size=32), key)
    except (EncodingRefused, TypeError, AttributeError):
        raise OpeningInvalid("not the JSON of section 8.6") from None


def verify_opening(poll: Poll, opening: Opening) -> None:
    """Check that it is of this poll, which is sealed, and fits the manifest's key. Raises OpeningInvalid."""
    if opening.poll_id != poll.poll_id:
        raise OpeningInvalid("of another poll")
    if poll.manifest.sealing is None:
        raise OpeningInvalid("the poll is not sealed")
    check_private_key(poll.manifest.sealing, opening.private_key)


def check_private_key(sealing: Sealing, private_key: bytes) -> None:
    """Check that a private key is the one of a manifest's sealing. Raises OpeningInvalid."""
    try:
        public_key = hpke.public_key_of(private_key)
    except InvalidKey as invalid:
        raise OpeningInvalid(str(invalid)) from None
    if b64u(public_key) != sealing.public_key:
        raise OpeningInvalid("the key is not the one that the manifest names")


def make_answers_field(poll: Poll, ballot_key: bytes, revision: int, answers: Answers) -> bytes:
    """The answers field of a ballot: as it is, or sealed where the poll is. Raises InvalidAnswers."""
    return seal_field(poll, ballot_key, revision, encode_answers(poll.manifest, answers))


def seal_field(poll: Poll, ballot_key: bytes, revision: int, padded: bytes) -> bytes:
    """Padded answers as they stand in a ballot; nothing happens where the poll is not sealed."""
    sealing = poll.manifest.sealing
    if sealing is None:
        return padded
    info = sealing_info(poll.poll_id, ballot_key, revision)
    return hpke.seal(from_b64u(sealing.public_key), info, padded)


def sealing_info(poll_id: bytes, ballot_key: bytes, revision: int) -> bytes:
    """What a sealed field belongs to (the `info` of RFC 9180)."""
    return labels.SEALED_ANSWERS + poll_id + ballot_key + revision.to_bytes(4, "big")


def answers_reader(poll: Poll, opening: Opening | None) -> ReadAnswers | None:
    """How the answers of this poll's ballots are read; None while a sealed poll is not opened.

    `opening` has been verified.
    """
    if poll.manifest.sealing is None:
        return lambda ballot: ballot.answers
    if opening is None:
        return None
    open_one = hpke.opener(opening.private_key)

    def read(ballot: Ballot) -> bytes:
        try:
            return open_one(sealing_info(ballot.poll_id, ballot.ballot_key, ballot.revision), ballot.answers)
        except OpeningFailed:
            return b""

    return read
