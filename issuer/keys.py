"""The issuer's secrets: files outside the database, written durably, each wrapped (issuer.custody).

statement/<public key>.key     Ed25519 seed of a statement key; its public key in hex
statement.current              which of them signs new polls; not secret
officials.key                  key of the hashes by which officials are known
drafts/<request>/...           keys of a poll that has no id yet
polls/<poll_id>/token.der      RSA token key, PKCS #8, or URI of one in an HSM; gone when issuance has ended
polls/<poll_id>/log.key        Ed25519 seed of the issuance log
polls/<poll_id>/log.mark       the last head of the issuance log that was signed; not secret
polls/<poll_id>/issued.mark    how many tokens were given; not secret
polls/<poll_id>/log.id         16 random bytes: the log's place under the issuer's URL; not secret
polls/<poll_id>/pseudonym.key  key of the pseudonyms; gone when the poll is archived
"""

import fcntl
import hashlib
import hmac
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NewType

from crypto import ed25519
from crypto.keys import TokenPublicKey, generate_token_key, public_key_of
from issuer.custody import Custody, SecretUnreadable, custody_of
from issuer.hsm import Hsm, HsmUnavailable, is_reference
from issuer.settings import Settings
from shared.durable import create_durably, remove_durably, sync_folder, write_durably
from shared.given_mark import GivenMark

VoterPseudonym = NewType("VoterPseudonym", bytes)
"""HMAC-SHA-256 of a SNILS under the pseudonym key of one poll, 32 bytes (docs/protocol.md 5.2)."""

TOKEN_KEY: Final = "token.der"  # noqa: S105 - the name of a file
LOG_KEY: Final = "log.key"
LOG_ID: Final = "log.id"
PSEUDONYM_KEY: Final = "pseudonym.key"
OFFICIALS_KEY: Final = "officials.key"

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
    """The keys under one state directory. Several processes may share it.

    Whatever reads a secret raises SecretUnreadable when it cannot be unwrapped. New token keys are made in
    the HSM where there is one; what has to do with one raises HsmUnavailable.
    """

    def __init__(self, state: Path, custody: Custody, hsm: Hsm | None = None) -> None:
        self.state = state
        self.custody = custody
        self._hsm = hsm

    def create(self) -> None:
        """Make the directories and the first statement key where they are not there yet."""
        self.make_folders()
        plain = self.state / "statement.key"
        if plain.exists():
            raise SecretUnreadable(f"{plain} is not wrapped; run veche-issuer keys rewrap")
        with self.alone("keys"):
            if not self._current.exists():
                create_durably(self._current, self.make_statement_key().hex().encode("ascii"))

    def make_folders(self) -> None:
        """Make the directories where they are not there yet."""
        for name in ("", "drafts", "polls", "statement"):
            _make_folder(self.state / name)

    def make_statement_key(self) -> bytes:
        """A new statement key, which signs nothing yet; its public key, 32 bytes."""
        return self.add_statement_key(os.urandom(_SEED_SIZE))

    def add_statement_key(self, seed: bytes) -> bytes:
        """Keep a statement key; its public key, 32 bytes."""
        public = ed25519.public_key(seed)
        self._write_once(_statement_name(public), lambda: seed)
        return public

    def statement_keys(self) -> tuple[bytes, ...]:
        """The public statement keys whose seeds are here, in no order that means anything."""
        return tuple(sorted(bytes.fromhex(path.stem) for path in (self.state / "statement").glob("*.key")))

    def statement_key(self) -> bytes:
        """The public statement key of new polls, 32 bytes. Raises KeysMissing."""
        return bytes.fromhex(_read(self._current).decode("ascii"))

    def statement_seed(self, public: bytes | None = None) -> bytes:
        """The seed of this statement key, or of that of new polls. Raises KeysMissing."""
        return self._secret(_statement_name(public or self.statement_key()))

    def use_statement_key(self, public: bytes) -> None:
        """Sign new polls with this statement key from now on."""
        write_durably(self._current, public.hex().encode("ascii"))

    def official(self, snils: str) -> bytes:
        """How the database knows an official: HMAC-SHA-256 of the SNILS (11 digits), 32 bytes."""
        if not _SNILS.fullmatch(snils):
            raise ValueError("a SNILS has 11 ASCII digits")
        key = self._write_once(OFFICIALS_KEY, lambda: os.urandom(_SEED_SIZE))
        return hmac.digest(key, snils.encode("ascii"), hashlib.sha256)

    @contextmanager
    def alone(self, task: str) -> Iterator[None]:
        """Hold off other processes that are about the same task."""
        with (self.state / f"{task}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def make(self, request: bytes, bits: int) -> PublicKeys:
        """Make the keys for a draft, or find those made before (docs/protocol.md 3.6, step 1)."""
        draft = f"drafts/{request.hex()}"
        _make_folder(self.state / draft)
        token_key = self._write_once(f"{draft}/{TOKEN_KEY}", lambda: self._new_token_key(request, bits))
        log_seed = self._write_once(f"{draft}/{LOG_KEY}", lambda: os.urandom(_SEED_SIZE))
        self._write_once(f"{draft}/{PSEUDONYM_KEY}", lambda: os.urandom(_SEED_SIZE))
        log_id = create_durably(self.state / draft / LOG_ID, os.urandom(_LOG_ID_SIZE))
        return PublicKeys(self._public_token_key(token_key), ed25519.public_key(log_seed), log_id)

    def adopt(self, request: bytes, poll_id: bytes) -> None:
        """Give the keys of a draft to the poll it became, wrapped for it; repeatable. Raises KeysMissing."""
        folder = self._poll(poll_id)
        if not folder.is_dir():
            self._rewrap_for(request, poll_id)
        self.forget_draft(request)

    def forget_draft(self, request: bytes) -> None:
        """Remove the keys of a draft durably; repeatable."""
        draft = self.state / "drafts" / request.hex()
        with suppress(FileNotFoundError):
            shutil.rmtree(draft)
        sync_folder(draft.parent)

    def pseudonym(self, poll_id: bytes, snils: str) -> VoterPseudonym:
        """The pseudonym of a person, given as 11 digits. Raises ValueError, KeysMissing."""
        if not _SNILS.fullmatch(snils):
            raise ValueError("a SNILS has 11 ASCII digits")
        key = self._secret(_poll_name(poll_id, PSEUDONYM_KEY))
        return VoterPseudonym(hmac.digest(key, snils.encode("ascii"), hashlib.sha256))

    def log_seed(self, poll_id: bytes) -> bytes:
        """The seed of the issuance log's key. Raises KeysMissing."""
        return self._secret(_poll_name(poll_id, LOG_KEY))

    def log_mark(self, poll_id: bytes) -> Path:
        """The file that holds the last head of the issuance log that was signed."""
        return self._poll(poll_id) / "log.mark"

    def issued_mark(self, poll_id: bytes) -> GivenMark:
        """What remembers how many tokens were given."""
        return GivenMark(self._poll(poll_id) / "issued.mark", "tokens")

    def has_token_key(self, poll_id: bytes) -> bool:
        """Whether the token key is still there."""
        return (self._poll(poll_id) / TOKEN_KEY).exists()

    @property
    def hsm(self) -> Hsm:
        """The module that token keys lie in. Raises HsmUnavailable without one."""
        if self._hsm is None:
            raise HsmUnavailable("a token key lies in an HSM, but VECHE_ISSUER_HSM_... names none")
        return self._hsm

    def token_key(self, poll_id: bytes) -> bytes:
        """The private token key, PKCS #8 DER, or the URI of one in the HSM. Raises TokenKeyDestroyed."""
        try:
            return self._secret(_poll_name(poll_id, TOKEN_KEY))
        except KeysMissing:
            raise TokenKeyDestroyed from None

    def destroy(self, name: str) -> None:
        """Remove a secret durably, by its name; repeatable.

        The file is unlinked, not overwritten: overwriting promises nothing on a journal, a snapshot or flash.
        What the medium still holds is wrapped (docs/protocol.md 4.1).
        """
        remove_durably(self.state / name)

    def destroy_token_key(self, poll_id: bytes) -> None:
        """Remove the token key of a poll durably; repeatable."""
        self._destroy_token_key(_poll_name(poll_id, TOKEN_KEY))

    def destroy_draft(self, request: bytes) -> None:
        """Destroy the keys of a draft that was given up; repeatable."""
        self._destroy_token_key(f"drafts/{request.hex()}/{TOKEN_KEY}")
        self.forget_draft(request)

    def destroy_pseudonym_key(self, poll_id: bytes) -> None:
        """Remove the pseudonym key of a poll durably; repeatable."""
        self.destroy(_poll_name(poll_id, PSEUDONYM_KEY))

    def names(self) -> tuple[str, ...]:
        """The names of all secrets: paths below the state directory."""
        paths = [*self.state.rglob("*.key"), *self.state.rglob("*.der")]
        return tuple(sorted(str(path.relative_to(self.state)) for path in paths))

    def _new_token_key(self, request: bytes, bits: int) -> bytes:
        return generate_token_key(bits) if self._hsm is None else self._hsm.make(request, bits)

    def _public_token_key(self, secret: bytes) -> TokenPublicKey:
        return self.hsm.public_key(secret) if is_reference(secret) else public_key_of(secret)

    def _destroy_token_key(self, name: str) -> None:
        """In the HSM first: as long as the file is there, destruction can be repeated."""
        with suppress(KeysMissing):
            secret = self._secret(name)
            if is_reference(secret):
                self.hsm.destroy(secret)
            self.destroy(name)

    @property
    def _current(self) -> Path:
        return self.state / "statement.current"

    def _poll(self, poll_id: bytes) -> Path:
        return self.state / "polls" / poll_id.hex()

    def _rewrap_for(self, request: bytes, poll_id: bytes) -> None:
        """The keys of a draft in the folder of its poll, all at once."""
        draft, folder = f"drafts/{request.hex()}", self._poll(poll_id)
        staged = folder.with_name(f".{folder.name}")
        secrets = {name: self._secret(f"{draft}/{name}") for name in (TOKEN_KEY, LOG_KEY, PSEUDONYM_KEY)}
        _make_folder(staged)
        for name, secret in secrets.items():
            write_durably(staged / name, self.custody.wrap(_poll_name(poll_id, name), secret))
        write_durably(staged / LOG_ID, _read(self.state / draft / LOG_ID))
        staged.rename(folder)
        sync_folder(folder.parent)

    def _secret(self, name: str) -> bytes:
        return self.custody.unwrap(name, _read(self.state / name))

    def _write_once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The secret of this name; made if there is none."""
        path = self.state / name
        if not path.exists():
            create_durably(path, self.custody.wrap(name, make()))
        return self._secret(name)


def open_keys(settings: Settings) -> KeyStore:
    """The keys of an installation. Raises KekInvalid, HsmUnavailable."""
    return KeyStore(settings.state, custody_of(settings), Hsm.open(settings))


def _statement_name(public: bytes) -> str:
    return f"statement/{public.hex()}.key"


def _poll_name(poll_id: bytes, name: str) -> str:
    return f"polls/{poll_id.hex()}/{name}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeysMissing(str(path)) from None


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)
