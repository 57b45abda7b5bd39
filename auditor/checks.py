"""The numbered checks of docs/protocol.md 9.2. Each says what it saw, or raises Failed or Skipped."""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from auditor.client_files import client
from auditor.context import Audit, Failed, ReceiptFile, Skipped
from auditor.faults import Faults
from auditor.outcome import opening, result
from auditor.record import LogHead
from auditor.report import Finding, Report
from auditor.scan import Scan
from auditor.shared_keys import keys_of, token_moduli, with_common_factor
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.cosignature import cosignatures
from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from crypto.signed_note import VerifierKey
from crypto.tlog_proof import parse_proof
from shared.catalogue import poll_entry
from shared.closing import ClosingInvalid, read_issuance_closing, read_poll_closing
from shared.encoding import from_b64u
from shared.manifest import ManifestInvalid, parse_manifest
from shared.poll_keys import PollKeys
from shared.publication import ManifestSignaturesInvalid, parse_signatures, verify_manifest_signatures
from shared.receipt import verify_receipt
from shared.statements import StatementInvalid, read_cancellation
from shared.trust import NotTrusted, check_trusted

T = TypeVar("T")

Check = Callable[[Audit], str]


def manifest(audit: Audit) -> str:
    """1. Hash equals the poll id; structure of section 3."""
    record = audit.record
    if not record.manifest:
        if record.unreachable:
            raise Skipped(record.unreachable)
        raise Failed("there is no manifest")
    try:
        poll = parse_manifest(record.manifest)
    except ManifestInvalid as error:
        raise Failed(str(error)) from None
    if poll.poll_id.hex() != record.poll_id:
        raise Failed("the manifest's hash is not the poll id")
    return f"{len(poll.manifest.questions)} questions, {len(poll.manifest.issuers)} issuers"


def trust(audit: Audit) -> str:
    """2. Every issuer and the box are those of the trust root."""
    if audit.brought.trust is None:
        raise Skipped("no trust root given (--trust): keys could be anybody's")
    try:
        check_trusted(audit.brought.trust, audit.poll.manifest)
    except NotTrusted as error:
        raise Failed(str(error)) from None
    return f"trust root {audit.brought.trust.fingerprint()}"


def manifest_signatures(audit: Audit) -> str:
    """3. Every issuer signed the manifest."""
    if not audit.record.signatures and audit.record.unreachable:
        raise Skipped(audit.record.unreachable)
    try:
        signatures = parse_signatures(audit.record.signatures)
        verify_manifest_signatures(audit.poll, signatures)
    except ManifestSignaturesInvalid as error:
        raise Failed(str(error)) from None
    return f"{len(signatures)} signatures"


def parameters(audit: Audit) -> str:
    """4. Suite, 2k > n + f, sound and distinct token keys (the first two are part of the structure)."""
    try:
        keys = PollKeys.of(audit.poll)
    except ManifestInvalid as error:
        raise Failed(str(error)) from None
    bits = ", ".join(str(key.n.bit_length()) for key in keys.token_keys)
    return f"{audit.poll.manifest.token_suite}, {bits} bits, k = {audit.poll.manifest.threshold}"


def checkpoint(audit: Audit) -> str:
    """5. The poll log's checkpoint is signed by the manifest's log key."""
    head = _signed(audit.record.poll_log, audit.keys.poll_log)
    return f"size {head.size}, root {head.root.hex()}"


def tree(audit: Audit) -> str:
    """6. Entries, tiles and root recomputed, equal."""
    scan = audit.poll_scan
    _check_tree(audit.record.poll_log.claims, scan)
    return f"{scan.size} leaves, {scan.tiles} tiles"


def consistency(audit: Audit) -> str:
    """7. Every checkpoint seen earlier is a prefix of this log."""
    if not audit.brought.checkpoints:
        raise Skipped("no earlier checkpoint given (--checkpoint)", leaves_open=False)
    faults = []
    for number, seen in enumerate(audit.seen_checkpoints):
        if isinstance(seen, CryptoError):
            faults.append(f"checkpoint {number}: {seen}")
        elif seen.size > audit.leaves.size:
            faults.append(
                f"checkpoint {number}: {seen.size} leaves were signed, the log has {audit.leaves.size}"
            )
        elif audit.leaves.roots[seen.size] != seen.root:
            faults.append(f"checkpoint {number}: another history at {seen.size} leaves")
    return _none_of(faults, f"{len(audit.seen_checkpoints)} earlier checkpoints")


def first_leaf(audit: Audit) -> str:
    """8. Leaf 0 is the manifest."""
    if not audit.leaves.size or "first-leaf" in audit.leaves.faults:
        raise Failed("leaf 0 is not this manifest")
    return "leaf 0 is the manifest"


def closing(audit: Audit) -> str:
    """9. Exactly one closing record, last; it names the number of ballots."""
    scan = audit.leaves
    if scan.closing is None:
        if audit.now < audit.poll.manifest.include_by:
            raise Skipped("the poll is not closed yet")
        raise Failed("there is no closing record and its time is over")
    at, leaf = scan.closing
    after = Faults()
    for index in range(at + 1, scan.size):
        after.add(f"leaf {index}: after the closing record")
    _none(after, "")
    if audit.is_cancelled:
        return _cancelled(audit, leaf, at)
    try:
        named = read_poll_closing(leaf, audit.poll.poll_id)
    except ClosingInvalid as error:
        raise Failed(f"leaf {at}: {error}") from None
    if named != at - 1:
        raise Failed(f"the closing record names {named} ballots, {at - 1} stand before it")
    return f"closed with {named} ballots"


def _cancelled(audit: Audit, leaf: bytes, at: int) -> str:
    try:
        statement = read_cancellation(leaf, audit.poll)
    except StatementInvalid as error:
        raise Failed(f"leaf {at}: {error}") from None
    return f"cancelled after {at - 1} ballots, signed by {len(statement.signatures)} issuers"


def ballots(audit: Audit) -> str:
    """10. Every leaf between is a ballot of this poll."""
    return _none(audit.leaves.faults.get("ballots"), f"{audit.leaves.ballots} ballots")


def tokens(audit: Audit) -> str:
    """11. Every ballot has exactly k ascending tokens that verify under the manifest's keys."""
    return _none(audit.leaves.faults.get("tokens"), f"tokens of {audit.leaves.ballots} ballots")


def ballot_signatures(audit: Audit) -> str:
    """12. Every ballot signature verifies."""
    return _none(audit.leaves.faults.get("ballot-signatures"), f"{audit.leaves.ballots} signatures")


def unique(audit: Audit) -> str:
    """13. No (ballot key, revision) twice."""
    return _none(
        audit.leaves.repeated,
        f"{audit.leaves.ballots} ballots, {audit.leaves.replaced} replaced by a later one",
    )


def receipts(audit: Audit) -> str:
    """14. Every receipt given verifies and its leaf is in the log."""
    if not audit.brought.receipts:
        raise Skipped("no receipt given (--receipt)", leaves_open=False)
    key = from_b64u(audit.poll.manifest.ballot_box.statement_key)
    faults, due = [], 0
    for number, receipt in enumerate(audit.brought.receipts):
        if fault := _receipt_fault(audit, key, receipt):
            faults.append(f"receipt {number}: {fault}")
        elif receipt.leaf_hash not in audit.leaves.found:
            if audit.leaves.closing is None and audit.now < audit.poll.manifest.include_by:
                due += 1
            else:
                faults.append(f"receipt {number}: its ballot is not in the log")
    detail = _none_of(faults, f"{len(audit.brought.receipts)} receipts")
    if due:
        raise Skipped(f"{due} ballots are still due")
    return detail


def _receipt_fault(audit: Audit, key: bytes, receipt: ReceiptFile) -> str:
    if receipt.poll_id != audit.poll.poll_id:
        return "of another poll"
    try:
        verify_receipt(key, receipt.poll_id, receipt.leaf_hash, receipt.signature)
    except CryptoError as error:
        return str(error)
    return ""


def issuance(audit: Audit) -> str:
    """16. Each issuance log is whole and closed; ballots with its token <= its issuances."""
    _ = audit.keys
    faults, counts, skipped = [], [], list[Skipped]()
    for index, (log, scan) in enumerate(zip(audit.record.issuance_logs, audit.issuance_scans, strict=True)):
        try:
            counts.append(_issued(audit, index, log, scan))
        except Failed as failed:
            faults += [f"issuer {index}: {failed.detail}", *failed.faults]
        except Skipped as reason:
            skipped.append(reason)
    if skipped and not faults:
        raise skipped[0]
    return _none_of(faults, f"issued {', '.join(map(str, counts))}")


def _issued(audit: Audit, index: int, log: LogHead, scan: Scan) -> int:
    if not log.checkpoint and not log.unreachable and audit.now < audit.poll.manifest.closes_at:
        raise Skipped("the issuance log is not published yet")
    _check_tree(_signed(log, audit.keys.issuance_logs[index]), scan)
    named = _issuance_closed(audit, scan)
    wrong = scan.faults.get("issuance", Faults())
    if wrong.number or named != scan.size - 1:
        raise Failed(
            f"the closing record names {named} issuances, {scan.size - 1} leaves stand before it",
            wrong.lines(),
        )
    used = audit.leaves.used[index]
    if used > named:
        raise Failed(f"{used} ballots bear its token, {named} were issued")
    return named


def _issuance_closed(audit: Audit, scan: Scan) -> int:
    at, leaf = scan.closing or (scan.size - 1, b"")
    try:
        named = read_issuance_closing(leaf, audit.poll.poll_id)
    except ClosingInvalid as error:
        if audit.now < audit.poll.manifest.include_by:
            raise Skipped("the issuance log is not closed yet") from None
        raise Failed(f"its last leaf is no closing record: {error}") from None
    if at != scan.size - 1:
        raise Failed(f"{scan.size - 1 - at} leaves after the closing record")
    return named


def _signed(log: LogHead, key: VerifierKey) -> Checkpoint:
    if log.unreachable:
        raise Skipped(log.unreachable)
    try:
        return open_checkpoint(log.checkpoint, key)
    except CryptoError as error:
        raise Failed(f"checkpoint: {error}") from None


def _check_tree(head: Checkpoint | None, scan: Scan) -> None:
    if scan.unreachable:
        raise Skipped(scan.unreachable)
    if scan.missing or head is None:
        raise Failed(f"not whole: {scan.missing}")
    if (scan.size, scan.root) != (head.size, head.root):
        raise Failed("the entries do not give the checkpoint's root")
    _none(scan.wrong_tiles, "")


def other_polls(audit: Audit) -> str:
    """17. No key of this poll stands in another, and no two token keys share a factor."""
    own = token_moduli(audit.poll)
    others: list[int] = []
    faults = []
    for number, manifest in enumerate(audit.brought.manifests):
        try:
            other = parse_manifest(manifest)
        except ManifestInvalid as error:
            faults.append(f"manifest {number}: {error}")
            continue
        if other.poll_id == audit.poll.poll_id:
            continue
        if shared := keys_of(audit.poll) & keys_of(other):
            faults.append(f"manifest {number}: {len(shared)} keys of this poll stand in it, too")
        others += token_moduli(other)
    if not faults and len(own) + len(others) < 2:
        raise Skipped("no manifest of another poll given (--other)", leaves_open=False)
    faults += [f"issuer {index}: a factor in common" for index in with_common_factor(own, others)]
    return _none_of(faults, f"{len(own)} token keys beside {len(others)} of other polls")


def witnesses(audit: Audit) -> str:
    """18. Enough witnesses cosigned every log's checkpoint, in time once the poll is closed."""
    known, quorum = audit.brought.witnesses, audit.brought.quorum
    if not known:
        raise Skipped("no witness given (--witness)", leaves_open=False)
    still_open, include_by = audit.leaves.closing is None, audit.poll.manifest.include_by
    counts = []
    for log, note in _witnessed(audit):
        try:
            times = cosignatures(note, known).values()
        except CryptoError as error:
            raise Failed(f"{log}: {error}") from None
        counts.append((sum(still_open or time <= include_by.timestamp() for time in times), log))
    short = [
        f"{log}: {number} witnesses in time where {quorum} are due"
        for number, log in counts
        if number < quorum
    ]
    if short and (still_open or audit.now < include_by):
        raise Skipped("; ".join(short))
    return _none_of(short, f"{min(counts)[0]} of {len(known)} witnesses cosigned each of {len(counts)} logs")


def _witnessed(audit: Audit) -> Iterator[tuple[str, bytes]]:
    """The poll log, and the issuance logs that there are (check 16 says which are missing)."""
    _ = audit.checkpoint
    yield "poll log", audit.record.poll_log.checkpoint
    for index, log in enumerate(audit.record.issuance_logs):
        if log.claims is not None:
            yield f"issuance log {index}", log.checkpoint


def catalogue(audit: Audit) -> str:
    """19. Manifest and signatures stand in the catalogue of the trust root's box."""
    if audit.brought.trust is None:
        raise Skipped("no trust root given (--trust): the catalogue's key could be anybody's")
    record = audit.record
    if not record.catalogue_proof:
        if record.unreachable:
            raise Skipped(record.unreachable)
        raise Failed("there is no proof that the poll is in the catalogue")
    leaf = leaf_hash(poll_entry(record.manifest, record.signatures))
    try:
        proof = parse_proof(record.catalogue_proof)
        head = proof.verify(audit.brought.trust.ballot_box.catalogue, leaf)
    except CryptoError as error:
        raise Failed(str(error)) from None
    return f"entry {proof.index} of a catalogue of {head.size}"


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("manifest", manifest),
    ("trust", trust),
    ("manifest-signatures", manifest_signatures),
    ("parameters", parameters),
    ("checkpoint", checkpoint),
    ("tree", tree),
    ("consistency", consistency),
    ("first-leaf", first_leaf),
    ("closing", closing),
    ("ballots", ballots),
    ("tokens", tokens),
    ("ballot-signatures", ballot_signatures),
    ("unique", unique),
    ("receipts", receipts),
    ("result", result),
    ("issuance", issuance),
    ("other-polls", other_polls),
    ("witnesses", witnesses),
    ("catalogue", catalogue),
    ("opening", opening),
    ("client", client),
)
"""Ids and checks in the order of docs/protocol.md 9.2."""


def run_checks(audit: Audit) -> Report:
    """Run every check; none is left out because another failed."""
    findings = tuple(_run(audit, number, name, check) for number, (name, check) in enumerate(CHECKS, 1))
    return Report(audit.record.poll_id, _had(lambda: audit.poll), findings, _had(lambda: audit.count))


def _run(audit: Audit, number: int, name: str, check: Check) -> Finding:
    try:
        return Finding(number, name, "PASS", check(audit))
    except Failed as failed:
        return Finding(number, name, "FAIL", failed.detail, failed.faults)
    except Skipped as skipped:
        return Finding(number, name, "SKIPPED", skipped.reason, leaves_open=skipped.leaves_open)


def _had(part: Callable[[], T]) -> T | None:
    try:
        return part()
    except Skipped:
        return None


def _none(faults: Faults | None, passed: str) -> str:
    if faults and faults.number:
        raise Failed(f"{faults.number} faults", faults.lines())
    return passed


def _none_of(faults: list[str], passed: str) -> str:
    if faults:
        raise Failed(f"{len(faults)} faults", faults)
    return passed
