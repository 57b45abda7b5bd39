"""The witness's decision and its memory, one folder per witness.

<folder>/seed                      the key, 32 bytes
<folder>/lock                      one process at a time
<folder>/logs/<origin hash>        the latest checkpoint cosigned, with our cosignature
<folder>/evidence/<hash>.json      two histories signed by one log (`auditor.evidence`)
"""

import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from auditor.evidence import contradiction
from auditor.witness.catalogue import Catalogue, CatalogueUnread
from auditor.witness.refusals import SIZE, Refused
from auditor.witness.submission import Submission, parse_submission
from crypto import ed25519
from crypto.checkpoint import Checkpoint, parse_checkpoint
from crypto.cosignature import WitnessKey, cosign
from crypto.errors import CryptoError, InvalidConsistencyProof
from crypto.merkle import EMPTY_ROOT, verify_consistency
from crypto.signed_note import VerifierKey, open_note, parse_note
from shared.durable import create_durably, write_durably

MAX_EVIDENCE: Final = 1000


class Busy(Exception):
    """Another process is this witness."""


class Cosigner:
    """Cosigns checkpoints of known logs that extend what it cosigned before.

    `logs`: verifier key by origin; `catalogue` names more of them.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        logs: Mapping[str, VerifierKey],
        catalogue: Catalogue | None = None,
    ) -> None:
        """Open or create the folder. Raises Busy, OSError, InvalidKey on a bad name."""
        for part in ("logs", "evidence"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._lock_file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock_file)
            raise Busy(f"{folder} is in use") from None
        self._folder, self.logs, self._lock = folder, dict(logs), threading.Lock()
        self._catalogue = catalogue
        if catalogue is not None:
            self.logs |= catalogue.own()
        self._seed = create_durably(folder / "seed", secrets.token_bytes(32))
        self.key = WitnessKey(name, ed25519.public_key(self._seed))

    def close(self) -> None:
        """Let another process be this witness."""
        os.close(self._lock_file)

    def add_checkpoint(self, body: bytes, now: int) -> str:
        """Our signature line on the submitted checkpoint, stored before it is returned. Raises Refused."""
        submission = parse_submission(body)
        self._check_signature(submission)
        with self._lock:
            self._check_history(submission)
            line = cosign(submission.parsed.text, self.key, self._seed, now)
            write_durably(self._path(submission.checkpoint.origin), self._kept(submission, line))
        return line

    def latest(self, origin_hash: str) -> bytes | None:
        """The latest checkpoint cosigned, by SHA-256 of the origin in hex."""
        known = {hashlib.sha256(origin.encode()).hexdigest() for origin in self.logs}
        path = self._folder / "logs" / origin_hash
        return path.read_bytes() if origin_hash in known and path.exists() else None

    def _check_signature(self, submission: Submission) -> None:
        key = self._key_of(submission.checkpoint.origin)
        try:
            open_note(submission.note, [key])
        except CryptoError as error:
            raise Refused(403, str(error)) from None

    def _key_of(self, origin: str) -> VerifierKey:
        """The key of a log. An unknown one may be that of a poll which is new in the catalogue."""
        if origin not in self.logs and self._catalogue is not None:
            try:
                self.logs = {**self._catalogue.logs(), **self.logs}
            except CatalogueUnread:
                raise Refused(404, "unknown log, and the catalogue cannot be read") from None
        if origin not in self.logs:
            raise Refused(404, "unknown log")
        return self.logs[origin]

    def _check_history(self, submission: Submission) -> None:
        new, note = submission.checkpoint, self._cosigned(submission.checkpoint.origin)
        if submission.old > new.size:
            raise Refused(400, "the old size is larger than the checkpoint's")
        old = Checkpoint(new.origin, 0, EMPTY_ROOT) if note is None else _opened(note)
        if submission.old != old.size:
            raise Refused(409, f"{old.size}\n", SIZE)
        try:
            _check_proof(submission, old)
        except Refused:
            self._keep_evidence(note or b"", old, submission)
            raise

    def _kept(self, submission: Submission, line: str) -> bytes:
        """The note with the log's signature and ours; what others signed is left out."""
        key = self.logs[submission.checkpoint.origin]
        known = (key.name, key.key_id)
        by_log = next(s for s in submission.parsed.signatures if (s.name, s.key_id) == known)
        return f"{submission.parsed.text}\n{key.line(by_log.signature)}{line}".encode()

    def _cosigned(self, origin: str) -> bytes | None:
        path = self._path(origin)
        return path.read_bytes() if path.exists() else None

    def _path(self, origin: str) -> Path:
        return self._folder / "logs" / hashlib.sha256(origin.encode()).hexdigest()

    def _keep_evidence(self, note: bytes, old: Checkpoint, submission: Submission) -> None:
        """A proof that does not verify may itself show that the log signed another history before."""
        folder, key = self._folder / "evidence", self.logs[old.origin]
        nodes = () if old.size == submission.checkpoint.size else submission.proof
        evidence = contradiction(key, note, submission.note, nodes)
        if evidence and len(list(folder.iterdir())) < MAX_EVIDENCE:
            data = evidence.to_bytes()
            write_durably(folder / f"{hashlib.sha256(data).hexdigest()}.json", data)


def _check_proof(submission: Submission, old: Checkpoint) -> None:
    new = submission.checkpoint
    if old.size == 0:
        if submission.proof or (new.size == 0 and new.root != EMPTY_ROOT):
            raise Refused(422, "from size 0 the proof is empty")
        return
    try:
        verify_consistency(old.size, new.size, submission.proof, old.root, new.root)
    except InvalidConsistencyProof as error:
        raise Refused(422, str(error)) from None


def _opened(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)
