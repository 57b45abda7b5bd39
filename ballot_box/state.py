"""The ballot box's state folder: keys, marks and locks, in files of mode 0600 outside the database.

statement.key       Ed25519 seed of the statement key
logs/<log_id>.key   Ed25519 seed of a poll log, or of the catalogue
logs/<log_id>.hpke  private key with which this box opens that poll, if it is its automatic custodian
logs/<log_id>.mark  the last head of that log that was signed
receipts/<log_id>.mark  how many receipts were given
READ-ONLY           present while the box takes nothing; holds the reason
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from crypto import ed25519, hpke
from crypto.signed_note import VerifierKey
from shared.catalogue import LOG_ID, catalogue_url
from shared.durable import create_durably, write_durably
from shared.given_mark import GivenMark
from shared.log.signer import CheckpointSigner
from shared.refusals import BoxReadOnly, Unavailable

PATIENCE: Final = 5.0
_SEED_SIZE: Final = 32


class KeysMissing(Exception):
    """A key file that should be there is not. The message names the file."""


class State:
    """The files under one state folder. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._logs = folder, folder / "logs"

    def create(self) -> None:
        """Make the folders and the statement key where they are not there yet."""
        for folder in (self._folder, self._logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_seed(self._folder / "statement.key")
        _make_seed(self._logs / f"{LOG_ID}.key")

    def statement_seed(self) -> bytes:
        """The seed of the statement key. Raises KeysMissing."""
        return _read(self._folder / "statement.key")

    def statement_key(self) -> bytes:
        """The public statement key, 32 bytes. Raises KeysMissing."""
        return ed25519.public_key(self.statement_seed())

    def catalogue_key(self, box: str) -> VerifierKey:
        """The verifier key of the catalogue of a box's URL. Raises KeysMissing."""
        name = catalogue_url(box).partition("://")[2]
        return VerifierKey(name, self.log_key(LOG_ID))

    def make_log_key(self, log_id: str) -> bytes:
        """The public key of a log, 32 bytes; made if it is not there."""
        return ed25519.public_key(_make_seed(self._logs / f"{log_id}.key"))

    def log_key(self, log_id: str) -> bytes:
        """The public key of a log, 32 bytes. Raises KeysMissing."""
        return ed25519.public_key(_read(self._logs / f"{log_id}.key"))

    def make_sealing_key(self, log_id: str) -> bytes:
        """The public HPKE key for a poll that this box opens at closing, 65 bytes; made if not there."""
        path = self._sealing_path(log_id)
        made = path.read_bytes() if path.exists() else create_durably(path, hpke.generate_private_key())
        return hpke.public_key_of(made)

    def sealing_key(self, log_id: str) -> bytes:
        """The private HPKE key of that poll, 32 bytes. Raises KeysMissing."""
        return _read(self._sealing_path(log_id))

    def _sealing_path(self, log_id: str) -> Path:
        return self._logs / f"{log_id}.hpke"

    def log_signer(self, log_id: str, origin: str) -> CheckpointSigner:
        """The checkpoint signer of a log. Raises KeysMissing."""
        return CheckpointSigner(origin, _read(self._logs / f"{log_id}.key"), self._logs / f"{log_id}.mark")

    def receipts_mark(self, log_id: str) -> GivenMark:
        """What remembers how many receipts were given."""
        return GivenMark(self._folder / "receipts" / f"{log_id}.mark", "receipts")

    @contextmanager
    def alone(self, task: str) -> Iterator[None]:
        """Hold off other processes that are about the same short task.

        Raises Unavailable when one that hangs holds it for more than PATIENCE seconds.
        """
        with (self._folder / f"{task}.lock").open("a") as file:
            deadline = time.monotonic() + PATIENCE
            while not _locked(file):
                if time.monotonic() > deadline:
                    raise Unavailable
                time.sleep(0.005)
            yield

    def marked_logs(self) -> frozenset[str]:
        """The ids of all logs of which a head was signed."""
        return frozenset(path.stem for path in self._logs.glob("*.mark"))

    def stop_writing(self, reason: str) -> None:
        """Make the box read-only for all its processes, durably: until an operator removes the file."""
        write_durably(self._folder / "READ-ONLY", f"{reason}\n".encode())

    def is_read_only(self) -> bool:
        """Whether the box takes nothing."""
        return (self._folder / "READ-ONLY").exists()

    def check_writable(self) -> None:
        """Raises BoxReadOnly while the box is read-only."""
        if self.is_read_only():
            raise BoxReadOnly

    def last_mark(self) -> float:
        """When a head was last signed, as the file system tells it; 0 before the first."""
        return max((path.stat().st_mtime for path in self._logs.glob("*.mark")), default=0.0)


def _make_seed(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else create_durably(path, os.urandom(_SEED_SIZE))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeysMissing(str(path)) from None


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
