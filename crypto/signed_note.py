"""C2SP signed notes with Ed25519 keys (c2sp.org/signed-note)."""

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Self

from crypto import ed25519
from crypto.errors import CryptoError, InvalidKey, InvalidSignature, MalformedNote, UnsignedNote

ED25519: Final = 1
"""The algorithm byte of an Ed25519 signature on the note's text."""

MAX_NOTE_SIZE: Final = 65_536
MAX_SIGNATURES: Final = 64
_SEPARATOR: Final = "\n\n"
_DASH: Final = "\u2014 "


@dataclass(frozen=True)
class NamedKey:
    """A named Ed25519 public key (32 bytes) for one kind of signature line."""

    name: str
    public: bytes
    algorithm: ClassVar[int]

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.public) != 32:
            raise InvalidKey("not the name or public key of a verifier key")

    @cached_property
    def key_id(self) -> bytes:
        """The 4-byte key id: a hint, not an identity."""
        encoded = bytes([self.algorithm]) + self.public
        return hashlib.sha256(self.name.encode() + b"\n" + encoded).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+hex+base64`. Raises InvalidKey."""
        parts = text.split("+", 2)
        try:
            key = base64.b64decode(parts[2], validate=True)
        except (IndexError, binascii.Error, ValueError):
            raise InvalidKey("not a verifier key") from None
        if key[:1] != bytes([cls.algorithm]):
            raise InvalidKey("not an Ed25519 verifier key of this kind")
        parsed = cls(parts[0], key[1:])
        if str(parsed) != text:
            raise InvalidKey("the verifier key does not encode back to itself")
        return parsed

    def line(self, signature: bytes) -> str:
        """The signature line of a note, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + signature).decode()}\n"


class VerifierKey(NamedKey):
    """A key that signs the text of notes: a log's."""

    algorithm = ED25519


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key name, 4-byte key id, signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note: its text (with the final newline) and its signature lines, unverified."""

    text: str
    signatures: tuple[NoteSignature, ...]


def sign_note(text: str, name: str, seed: bytes) -> bytes:
    """Sign a text, which ends with a newline. Raises MalformedNote, InvalidKey (also on a bad name)."""
    key = VerifierKey(name, ed25519.public_key(seed))
    note = f"{text}\n{key.line(ed25519.sign(seed, text.encode()))}".encode()
    parse_note(note)
    return note


def parse_note(data: bytes) -> Note:
    """Take a note apart without verifying it. Raises MalformedNote."""
    if len(data) > MAX_NOTE_SIZE:
        raise MalformedNote("too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedNote("not UTF-8") from None
    if any((ord(c) < 0x20 or ord(c) == 0x7F) and c != "\n" for c in whole):
        raise MalformedNote("control characters")
    at = whole.rfind(_SEPARATOR)
    if at < 0 or not whole.endswith("\n"):
        raise MalformedNote("no signature block")
    lines = whole[at + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote("too many signatures")
    return Note(whole[: at + 1], tuple(_signature(line) for line in lines))


def open_note(data: bytes, known: Iterable[VerifierKey]) -> str:
    """The text of a note signed by at least one known key.

    Unknown signatures are ignored. Raises MalformedNote, UnsignedNote, and InvalidSignature when
    a known key's signature is wrong, whatever the others say.
    """
    note, verified = parse_note(data), False
    keys = {(key.name, key.key_id): key for key in known}
    for line in note.signatures:
        key = keys.get((line.name, line.key_id))
        if key is not None:
            try:
                ed25519.verify(key.public, note.text.encode(), line.signature)
            except CryptoError:
                raise InvalidSignature("a known key's signature on the note is wrong") from None
            verified = True
    if not verified:
        raise UnsignedNote("no signature by a known key")
    return note.text


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _is_name(name):
        raise MalformedNote("not a signature line")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote("not base64") from None
    if len(data) < 5 or base64.b64encode(data).decode() != encoded:
        raise MalformedNote("not a key id and a signature")
    return NoteSignature(name, data[:4], data[4:])


def _is_name(name: str) -> bool:
    spaced = any(c.isspace() or unicodedata.category(c) == "Cc" for c in name)
    return bool(name) and "+" not in name and not spaced
