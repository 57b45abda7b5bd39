"""Watching logs: every checkpoint ever seen is kept, each new one must continue the latest.

<folder>/<SHA-256 of the log's URL>/<size>-<root>.checkpoint    every note seen
<folder>/alarm-<SHA-256 of its content>.json                    what must not be
"""

import hashlib
from pathlib import Path

from auditor.history import Forked, NotShown, SignedHead, check_extends
from auditor.logs import NamedLog
from auditor.record import read_head
from auditor.source import Fetch, OutOfReach
from crypto.errors import CryptoError
from shared.durable import write_durably
from shared.encoding import canonical_json


class Alarm(Exception):
    """Something that must not be; the evidence is in the file."""

    def __init__(self, what: str, file: Path) -> None:
        super().__init__(what)
        self.file = file


class Watch:
    """The memory of a watcher, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def look(self, log: NamedLog, fetch: Fetch) -> str:
        """Look at a log once; what was seen. Raises Alarm, OutOfReach (also when it is not published yet)."""
        found, known = read_head(fetch, log.url), self._known(log)
        if found.missing and known is not None:
            raise OutOfReach(f"{log.url}: gone, where {known.head.size} leaves were signed")
        if not found.checkpoint:
            raise OutOfReach(found.unreachable or found.missing)
        try:
            new = SignedHead.opened(found.checkpoint, log.key)
        except CryptoError as error:
            raise self._alarm(log, f"not signed by the log: {error}", found.checkpoint) from None
        self._keep(log, new)
        if known is not None:
            self._compare(log, known, new, fetch)
        return f"{log.url}: {new.head.size} leaves"

    def _compare(self, log: NamedLog, known: SignedHead, new: SignedHead, fetch: Fetch) -> None:
        if new.head.size < known.head.size:
            what = f"{new.head.size} leaves where {known.head.size} were signed before"
            raise self._alarm(log, what, known.note, new.note)
        try:
            check_extends(log.key, known, new, fetch, log.url)
        except Forked as fork:
            raise self._written(fork.evidence.to_bytes(), f"{log.url}: {fork}") from None
        except NotShown as error:
            raise self._alarm(log, str(error), known.note, new.note) from None

    def _place(self, log: NamedLog) -> Path:
        return self._folder / hashlib.sha256(log.url.encode()).hexdigest()

    def _known(self, log: NamedLog) -> SignedHead | None:
        """The largest head seen before."""
        notes = [path.read_bytes() for path in self._place(log).glob("*.checkpoint")]
        heads = [SignedHead.opened(note, log.key) for note in notes]
        return max(heads, key=lambda head: head.head.size, default=None)

    def _keep(self, log: NamedLog, new: SignedHead) -> None:
        path = self._place(log) / f"{new.head.size}-{new.head.root.hex()}.checkpoint"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            write_durably(path, new.note)

    def _alarm(self, log: NamedLog, what: str, *notes: bytes) -> Alarm:
        members = {
            "checkpoints": [note.decode("utf-8", "replace") for note in notes],
            "format": "veche/alarm/v1",
            "log_key": str(log.key),
            "what": what,
        }
        return self._written(canonical_json(members), f"{log.url}: {what}")

    def _written(self, data: bytes, what: str) -> Alarm:
        path = self._folder / f"alarm-{hashlib.sha256(data).hexdigest()}.json"
        write_durably(path, data)
        return Alarm(what, path)
