"""The issuer's secrets: files of mode 0600 outside the database, written durably, each written once.

statement.key                  Ed25519 seed of the statement key
drafts/<request>/...           keys of a poll that has no id yet
polls/<poll_id>/token.der      RSA token key, PKCS #8; gone when issuance has ended
polls/<poll_id>/log.key        Ed25519 seed of the issuance log
polls/<poll_id>/log.id         16 random bytes: the log's place under the issuer's URL
polls/<poll_id>/pseudonym.key  key of the pseudonyms
"""

import fcntl
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NewType

from crypto import ed25519
from crypto.keys import TokenPublicKey, generate_token_key, public_key_of
from shared.durable import create_durably, remove_durably, sync_folder

VoterPseudonym = NewType("VoterPseudonym", bytes)
"""HMAC-SHA-256 of a SNILS under the pseudonym key of one poll, 32 bytes (docs/protocol.md 5.2)."""

_SNILS: Final = re.compile(r"[0-9]{11}")
_SEED_SIZE: Final = 32
_LOG_ID_SIZE: Final = 16


class KeysMissing(Exception):
    """A key file that should be there is not. The message names the file."""


class TokenKeyDestroyed(Exception):
    """Issuance of this poll has ended and its token key is gone."""


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What a manifest needs of the keys made for it."""

    token_key: TokenPublicKey
    log_key: bytes
    """Ed25519, 32 bytes."""
    log_id: bytes
    """16 bytes."""


class KeyStore:
    """The keys under one state directory. Several processes may share it."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def create(self) -> None:
        """Make the directories and the statement key where they are not there yet."""
        for folder in (self._state, self._state / "drafts", self._state / "polls"):
            _make_folder(folder)
        _write_once(self._state / "statement.key", lambda: os.urandom(_SEED_SIZE))

    def statement_seed(self) -> bytes:
        """The seed of the statement key. Raises KeysMissing."""
        return _read(self._state / "statement.key")

    def statement_key(self) -> bytes:
        """The public statement key, 32 bytes. Raises KeysMissing."""
        return ed25519.public_key(self.statement_seed())

    @contextmanager
    def alone(self, task: str) -> Iterator[None]:
        """Hold off other processes that are about the same task."""
        with (self._state / f"{task}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def make(self, request: bytes, bits: int) -> PublicKeys:
        """Make the keys for a draft, or find those made before (docs/protocol.md 3.6, step 1)."""
        folder = self._state / "drafts" / request.hex()
        _make_folder(folder)
        token_key = _write_once(folder / "token.der", lambda: generate_token_key(bits))
        log_seed = _write_once(folder / "log.key", lambda: os.urandom(_SEED_SIZE))
        log_id = _write_once(folder / "log.id", lambda: os.urandom(_LOG_ID_SIZE))
        _write_once(folder / "pseudonym.key", lambda: os.urandom(_SEED_SIZE))
        return PublicKeys(public_key_of(token_key), ed25519.public_key(log_seed), log_id)

    def adopt(self, request: bytes, poll_id: bytes) -> None:
        """Give the keys of a draft to the poll it became; repeatable. Raises KeysMissing."""
        draft, folder = self._state / "drafts" / request.hex(), self._poll(poll_id)
        if folder.is_dir():
            return
        try:
            draft.rename(folder)
        except FileNotFoundError:
            raise KeysMissing(str(draft)) from None
        sync_folder(folder.parent)
        sync_folder(draft.parent)

    def pseudonym(self, poll_id: bytes, snils: str) -> VoterPseudonym:
        """The pseudonym of a person, given as 11 digits. Raises ValueError, KeysMissing."""
        if not _SNILS.fullmatch(snils):
            raise ValueError("a SNILS has 11 ASCII digits")
        key = _read(self._poll(poll_id) / "pseudonym.key")
        return VoterPseudonym(hmac.digest(key, snils.encode("ascii"), hashlib.sha256))

    def log_seed(self, poll_id: bytes) -> bytes:
        """The seed of the issuance log's key. Raises KeysMissing."""
        return _read(self._poll(poll_id) / "log.key")

    def log_mark(self, poll_id: bytes) -> Path:
        """The file that holds the last head of the issuance log that was signed."""
        return self._poll(poll_id) / "log.mark"

    def has_token_key(self, poll_id: bytes) -> bool:
        """Whether the token key is still there."""
        return (self._poll(poll_id) / "token.der").exists()

    def token_key(self, poll_id: bytes) -> bytes:
        """The private token key, PKCS #8 DER. Raises TokenKeyDestroyed."""
        try:
            return _read(self._poll(poll_id) / "token.der")
        except KeysMissing:
            raise TokenKeyDestroyed from None

    def destroy_token_key(self, poll_id: bytes) -> None:
        """Remove the token key durably; repeatable.

        The file is unlinked, not overwritten: overwriting promises nothing on a journal, a snapshot or flash.
        What the medium still holds is for disk encryption and the disposal of disks (docs/protocol.md 4.1).
        """
        remove_durably(self._poll(poll_id) / "token.der")

    def _poll(self, poll_id: bytes) -> Path:
        return self._state / "polls" / poll_id.hex()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeysMissing(str(path)) from None


def _write_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content; made if there is no such file."""
    return path.read_bytes() if path.exists() else create_durably(path, make())


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)
