"""What the checks share: the record, what the auditor brings along, and what one pass over each log saw."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from auditor.bundles import LogReading
from auditor.record import LogHead, Record
from auditor.scan import Progress, Scan, Wanted, scan_log
from auditor.source import OpenSource
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.cosignature import WitnessKey
from crypto.errors import CryptoError
from shared import labels
from shared.count import Count
from shared.manifest import ManifestInvalid, Poll, parse_manifest
from shared.poll_keys import PollKeys
from shared.sealing import Opening, OpeningInvalid, parse_opening, verify_opening
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


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A checkpoint that the auditor saw earlier: of an issuer's issuance log, or (None) of the poll log."""

    issuer: int | None
    head: Checkpoint


@dataclass(frozen=True, slots=True)
class Brought:
    """What the auditor brings along: a pinned trust root or none, and what was kept of this poll and others.

    `checkpoints`: notes of this poll's logs seen earlier. `manifests`: of other polls. `quorum`: how many of
    `witnesses` must have cosigned. `client`: whether the client's files are to be compared, too.
    """

    trust: TrustRoot | None = None
    checkpoints: tuple[bytes, ...] = ()
    receipts: tuple[ReceiptFile, ...] = ()
    manifests: tuple[bytes, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    quorum: int = 0
    client: bool = False


def _whole(scan: Scan, log: str) -> Scan:
    if scan.missing or scan.unreachable:
        raise Skipped(f"{log} is not whole ({scan.missing or scan.unreachable})")
    return scan


def _silent(_what: str, _done: int, _total: int) -> None:
    return


@dataclass(frozen=True)
class Audit:
    """One audit: a record, where its logs are read, what the auditor brings along, and the time."""

    record: Record
    open_source: OpenSource
    brought: Brought
    now: datetime
    workers: int = 1
    progress: Progress = field(default=_silent)

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
    def seen_checkpoints(self) -> tuple[SeenHead | CryptoError, ...]:
        """The checkpoints seen earlier, each opened or what is wrong with it."""
        return tuple(self._opened(note) for note in self.brought.checkpoints)

    @cached_property
    def poll_scan(self) -> Scan:
        """The pass over the poll log, however it ended. Raises Skipped where there are no sound keys."""
        _ = self.keys
        leaves = frozenset(receipt.leaf_hash for receipt in self.brought.receipts)
        return self._scan(self.record.poll_log, self.record.manifest, Wanted(leaves, self._seen_sizes(None)))

    @cached_property
    def issuance_scans(self) -> tuple[Scan, ...]:
        """The passes over the issuance logs."""
        return tuple(
            self._scan(log, None, Wanted(sizes=self._seen_sizes(index)))
            for index, log in enumerate(self.record.issuance_logs)
        )

    @property
    def leaves(self) -> Scan:
        """The pass over the whole poll log. Raises Skipped where it is not to be had: check 6 has said so."""
        return _whole(self.poll_scan, "the poll log")

    def leaves_of(self, issuer: int | None) -> Scan:
        """The pass over an issuer's whole issuance log, or over the poll log. Raises Skipped as `leaves`."""
        if issuer is None:
            return self.leaves
        return _whole(self.issuance_scans[issuer], f"issuance log {issuer}")

    @property
    def is_cancelled(self) -> bool:
        """Whether the poll log ends with a cancellation (check 9 judges it)."""
        closing = self.leaves.closing
        return closing is not None and closing[1].startswith(labels.CANCELLATION)

    @cached_property
    def opening(self) -> Opening | None:
        """The opening of a sealed poll; None while there is none that fits: check 20 says what is wrong."""
        try:
            found = parse_opening(self.record.opening)
            verify_opening(self.poll, found)
        except OpeningInvalid:
            return None
        return found

    @property
    def is_readable(self) -> bool:
        """Whether the answers can be read: the poll is not sealed, or it is opened."""
        return self.poll.manifest.sealing is None or self.opening is not None

    @property
    def count(self) -> Count:
        """The recount. Raises Skipped while a sealed poll is not opened: check 20 has said so."""
        if not self.is_readable:
            raise Skipped("the poll is not opened")
        return self.leaves.tally.count(self.poll.manifest)

    def _opened(self, note: bytes) -> SeenHead | CryptoError:
        for issuer, key in enumerate(self.keys.issuance_logs):
            with suppress(CryptoError):
                return SeenHead(issuer, open_checkpoint(note, key))
        try:
            return SeenHead(None, open_checkpoint(note, self.keys.poll_log))
        except CryptoError as error:
            return error

    def _seen_sizes(self, issuer: int | None) -> frozenset[int]:
        heads = (seen for seen in self.seen_checkpoints if isinstance(seen, SeenHead))
        return frozenset(seen.head.size for seen in heads if seen.issuer == issuer)

    def _scan(self, log: LogHead, manifest: bytes | None, wanted: Wanted) -> Scan:
        head = log.claims
        if log.unreachable or log.missing or head is None:
            missing = "" if log.unreachable else log.missing or "the checkpoint does not read"
            return Scan(0, missing=missing, unreachable=log.unreachable)
        opening = None if manifest is None else self.opening
        reading = LogReading(self.open_source, log.url, head.size, manifest, opening)
        return scan_log(reading, wanted, self.workers, self.progress)
