"""What the checks share: the record, what the auditor brings along, and what has been read out of it once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from auditor.record import LogRecord, Record
from crypto import merkle
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey
from crypto.tiles import extend
from shared import labels
from shared.ballot import Ballot
from shared.count import Count, count_answers
from shared.manifest import ManifestInvalid, Poll, parse_manifest
from shared.poll_keys import PollKeys, read_ballot
from shared.refusals import BallotMalformed
from shared.trust import TrustRoot


class Failed(Exception):
    """A check failed: what is wrong, and every offending record."""

    def __init__(self, detail: str, faults: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.detail, self.faults = detail, tuple(faults)


class Skipped(Exception):
    """A check could not or need not be done. `leaves_open`: so the verdict is inconclusive."""

    def __init__(self, reason: str, *, leaves_open: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.leaves_open = reason, leaves_open


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A receipt that somebody kept: poll id, leaf hash, signature."""

    poll_id: bytes
    leaf_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class Audit:
    """One audit: a record, a pinned trust root or none, checkpoints seen earlier, receipts, and the time."""

    record: Record
    trust: TrustRoot | None
    now: datetime
    seen_checkpoints: tuple[bytes, ...] = ()
    receipts: tuple[ReceiptFile, ...] = ()

    @cached_property
    def poll(self) -> Poll:
        """The parsed manifest. Raises Skipped where there is none: check 1 has said so."""
        try:
            return parse_manifest(self.record.manifest)
        except ManifestInvalid:
            raise Skipped("no valid manifest") from None

    @cached_property
    def keys(self) -> PollKeys:
        """The poll's keys. Raises Skipped where they are unsound: check 4 has said so."""
        try:
            return PollKeys.of(self.poll)
        except ManifestInvalid:
            raise Skipped("the manifest's keys are unsound") from None

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The poll log's head. Raises Skipped where it is unsigned: check 5 has said so."""
        try:
            return open_checkpoint(self.record.poll_log.checkpoint, self.keys.poll_log)
        except CryptoError:
            raise Skipped("no signed checkpoint") from None

    @cached_property
    def entries(self) -> tuple[bytes, ...]:
        """The poll log's entries. Raises Skipped where they are not to be had: check 6 has said so."""
        log = self.record.poll_log
        if log.missing or log.unreachable:
            raise Skipped(f"the poll log is not whole ({log.missing or log.unreachable})")
        return log.entries

    @cached_property
    def leaf_hashes(self) -> tuple[bytes, ...]:
        """The RFC 6962 hashes of the poll log's entries."""
        return tuple(merkle.leaf_hash(entry) for entry in self.entries)

    @cached_property
    def closing_at(self) -> int | None:
        """The index of the first closing record, None when there is none."""
        return next((at for at, entry in enumerate(self.entries) if entry.startswith(labels.CLOSING)), None)

    @cached_property
    def between(self) -> tuple[tuple[int, bytes], ...]:
        """Index and bytes of every leaf that should be a ballot."""
        end = len(self.entries) if self.closing_at is None else self.closing_at
        return tuple(enumerate(self.entries))[1:end]

    @cached_property
    def ballots(self) -> tuple[tuple[int, bytes, Ballot], ...]:
        """Index, bytes and content of every leaf that is a ballot of this poll; check 10 names the rest."""
        return tuple(self._decoded())

    @cached_property
    def count(self) -> Count:
        """The recount."""
        return count_answers(self.poll.manifest, (ballot.answers for _, _, ballot in self.ballots))

    def _decoded(self) -> Iterator[tuple[int, bytes, Ballot]]:
        for index, data in self.between:
            try:
                yield index, data, read_ballot(self.poll, data)
            except BallotMalformed:
                continue


def check_tree(log: LogRecord, key: VerifierKey) -> Checkpoint:
    """Recompute a log's tiles and root from its entries and compare. Raises Failed."""
    try:
        checkpoint = open_checkpoint(log.checkpoint, key)
    except CryptoError as error:
        raise Failed(f"checkpoint: {error}") from None
    if log.missing:
        raise Failed(f"not whole: {log.missing}")
    hashes = [merkle.leaf_hash(entry) for entry in log.entries]
    if len(hashes) != checkpoint.size or merkle.root_of(hashes) != checkpoint.root:
        raise Failed("the entries do not give the checkpoint's root")
    _check_tiles(log, hashes)
    return checkpoint


def _check_tiles(log: LogRecord, hashes: Sequence[bytes]) -> None:
    wrong = [tile.path() for tile, data in extend(0, hashes, lambda _: b"") if log.tiles.get(tile) != data]
    if wrong:
        raise Failed("tiles differ from the entries", wrong)
