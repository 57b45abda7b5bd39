"""The numbered checks of docs/protocol.md 9.2. Each says what it saw, or raises Failed or Skipped."""

from collections.abc import Callable
from typing import Final

from auditor.context import Audit, Failed, ReceiptFile, Skipped, check_tree
from auditor.record import LogRecord
from auditor.report import Finding, Report
from crypto import merkle
from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey
from shared import labels
from shared.closing import ClosingInvalid, read_issuance_closing, read_poll_closing
from shared.encoding import EncodingRefused, from_b64u
from shared.manifest import ManifestInvalid, parse_manifest
from shared.poll_keys import PollKeys, read_ballot, verify_signature, verify_tokens
from shared.publication import ManifestSignaturesInvalid, parse_signatures, verify_manifest_signatures
from shared.receipt import verify_receipt
from shared.refusals import Refusal
from shared.result import result_statement, verify_result
from shared.trust import NotTrusted, check_trusted

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
    if audit.trust is None:
        raise Skipped("no trust root given (--trust): keys could be anybody's")
    try:
        check_trusted(audit.trust, audit.poll.manifest)
    except NotTrusted as error:
        raise Failed(str(error)) from None
    return f"trust root {audit.trust.fingerprint()}"


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
    log = audit.record.poll_log
    if not log.checkpoint:
        _require_reach(log)
    try:
        head = open_checkpoint(log.checkpoint, audit.keys.poll_log)
    except CryptoError as error:
        raise Failed(str(error)) from None
    return f"size {head.size}, root {head.root.hex()}"


def tree(audit: Audit) -> str:
    """6. Entries, tiles and root recomputed, equal."""
    _require_reach(audit.record.poll_log)
    head = check_tree(audit.record.poll_log, audit.keys.poll_log)
    return f"{head.size} leaves, {len(audit.record.poll_log.tiles)} tiles"


def consistency(audit: Audit) -> str:
    """7. Every checkpoint seen earlier is a prefix of this log."""
    if not audit.seen_checkpoints:
        raise Skipped("no earlier checkpoint given (--checkpoint)", leaves_open=False)
    faults = []
    for number, note in enumerate(audit.seen_checkpoints):
        try:
            seen = open_checkpoint(note, audit.keys.poll_log)
        except CryptoError as error:
            faults.append(f"checkpoint {number}: {error}")
            continue
        if seen.size > len(audit.leaf_hashes):
            faults.append(
                f"checkpoint {number}: {seen.size} leaves were signed, the log has {len(audit.leaf_hashes)}"
            )
        elif merkle.root_of(audit.leaf_hashes[: seen.size]) != seen.root:
            faults.append(f"checkpoint {number}: another history at {seen.size} leaves")
    return _none_of(faults, f"{len(audit.seen_checkpoints)} earlier checkpoints")


def first_leaf(audit: Audit) -> str:
    """8. Leaf 0 is the manifest."""
    if audit.entries[:1] != (audit.poll.first_leaf,):
        raise Failed("leaf 0 is not this manifest")
    return "leaf 0 is the manifest"


def closing(audit: Audit) -> str:
    """9. Exactly one closing record, last; it names the number of ballots."""
    at = audit.closing_at
    if at is None:
        if audit.now < audit.poll.manifest.include_by:
            raise Skipped("the poll is not closed yet")
        raise Failed("there is no closing record and its time is over")
    after = [f"leaf {index}: after the closing record" for index in range(at + 1, len(audit.entries))]
    _none_of(after, "")
    try:
        named = read_poll_closing(audit.entries[at], audit.poll.poll_id)
    except ClosingInvalid as error:
        raise Failed(f"leaf {at}: {error}") from None
    if named != at - 1:
        raise Failed(f"the closing record names {named} ballots, {at - 1} stand before it")
    return f"closed with {named} ballots"


def ballots(audit: Audit) -> str:
    """10. Every leaf between is a ballot of this poll."""
    faults = []
    for index, data in audit.between:
        try:
            read_ballot(audit.poll, data)
        except Refusal as refusal:
            faults.append(f"leaf {index}: {refusal}")
    return _none_of(faults, f"{len(audit.between)} ballots")


def tokens(audit: Audit) -> str:
    """11. Every ballot has exactly k ascending tokens that verify under the manifest's keys."""
    faults = []
    for index, _, ballot in audit.ballots:
        try:
            verify_tokens(audit.keys, ballot)
        except Refusal as refusal:
            faults.append(f"leaf {index}: {refusal}")
    return _none_of(faults, f"tokens of {len(audit.ballots)} ballots")


def ballot_signatures(audit: Audit) -> str:
    """12. Every ballot signature verifies."""
    faults = []
    for index, data, ballot in audit.ballots:
        try:
            verify_signature(ballot, data)
        except Refusal as refusal:
            faults.append(f"leaf {index}: {refusal}")
    return _none_of(faults, f"{len(audit.ballots)} signatures")


def unique(audit: Audit) -> str:
    """13. No (ballot key, revision) twice."""
    first: dict[tuple[bytes, int], int] = {}
    faults = []
    for index, _, ballot in audit.ballots:
        earlier = first.setdefault((ballot.ballot_key, ballot.revision), index)
        if earlier != index:
            faults.append(f"leaf {index}: the same key and revision as leaf {earlier}")
    return _none_of(faults, f"{len(first)} keys")


def receipts(audit: Audit) -> str:
    """14. Every receipt given verifies and its leaf is in the log."""
    if not audit.receipts:
        raise Skipped("no receipt given (--receipt)", leaves_open=False)
    key = from_b64u(audit.poll.manifest.ballot_box.statement_key)
    known = set(audit.leaf_hashes)
    faults, due = [], 0
    for number, receipt in enumerate(audit.receipts):
        if fault := _receipt_fault(audit, key, receipt):
            faults.append(f"receipt {number}: {fault}")
        elif receipt.leaf_hash not in known:
            if audit.closing_at is None and audit.now < audit.poll.manifest.include_by:
                due += 1
            else:
                faults.append(f"receipt {number}: its ballot is not in the log")
    detail = _none_of(faults, f"{len(audit.receipts)} receipts")
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


def result(audit: Audit) -> str:
    """15. The signed result names this checkpoint and equals the recount."""
    if audit.closing_at is None:
        raise Skipped("the poll is not closed yet")
    record, head = audit.record, audit.checkpoint
    if not record.result:
        if record.unreachable or audit.now < audit.poll.manifest.include_by:
            raise Skipped(record.unreachable or "the result is not published yet")
        raise Failed("there is no result and its time is over")
    try:
        signature = from_b64u(record.result_signature.decode("ascii"), size=64)
        verify_result(from_b64u(audit.poll.manifest.ballot_box.statement_key), record.result, signature)
    except (CryptoError, EncodingRefused, UnicodeDecodeError) as error:
        raise Failed(f"the result's signature: {type(error).__name__}") from None
    if record.result != result_statement(audit.poll.poll_id, audit.count, size=head.size, root=head.root):
        raise Failed("the published result is not the recount of this log")
    return f"{audit.count.valid} valid, {audit.count.invalid} invalid"


def issuance(audit: Audit) -> str:
    """16. Each issuance log is whole and closed; ballots with its token <= its issuances."""
    faults, counts = [], []
    for index, (log, key) in enumerate(
        zip(audit.record.issuance_logs, audit.keys.issuance_logs, strict=True)
    ):
        _require_reach(log)
        try:
            counts.append(_issued(audit, index, log, key))
        except Failed as failed:
            faults += [f"issuer {index}: {failed.detail}", *failed.faults]
    return _none_of(faults, f"issued {', '.join(map(str, counts))}")


def _issued(audit: Audit, index: int, log: LogRecord, key: VerifierKey) -> int:
    if not log.checkpoint and not audit.poll.manifest.closes_at <= audit.now:
        raise Skipped("the issuance log is not published yet")
    check_tree(log, key)
    *leaves, last = log.entries or (b"",)
    try:
        named = read_issuance_closing(last, audit.poll.poll_id)
    except ClosingInvalid as error:
        if audit.now < audit.poll.manifest.include_by:
            raise Skipped("the issuance log is not closed yet") from None
        raise Failed(f"its last leaf is no closing record: {error}") from None
    size = len(labels.ISSUED) + merkle.HASH_SIZE
    wrong = [
        f"leaf {at}: no issuance"
        for at, leaf in enumerate(leaves)
        if not (leaf.startswith(labels.ISSUED) and len(leaf) == size)
    ]
    if wrong or named != len(leaves):
        raise Failed(
            f"the closing record names {named} issuances, {len(leaves)} leaves stand before it", wrong
        )
    used = sum(token.issuer == index for _, _, ballot in audit.ballots for token in ballot.tokens)
    if used > named:
        raise Failed(f"{used} ballots bear its token, {named} were issued")
    return named


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
)
"""Ids and checks in the order of docs/protocol.md 9.2."""


def run_checks(audit: Audit) -> Report:
    """Run every check; none is left out because another failed."""
    findings = tuple(_run(audit, number, name, check) for number, (name, check) in enumerate(CHECKS, 1))
    try:
        count = audit.count
    except Skipped:
        count = None
    return Report(audit.record.poll_id, findings, count)


def _run(audit: Audit, number: int, name: str, check: Check) -> Finding:
    try:
        return Finding(number, name, "PASS", check(audit))
    except Failed as failed:
        return Finding(number, name, "FAIL", failed.detail, failed.faults)
    except Skipped as skipped:
        return Finding(number, name, "SKIPPED", skipped.reason, leaves_open=skipped.leaves_open)


def _require_reach(log: LogRecord) -> None:
    if log.unreachable:
        raise Skipped(log.unreachable)


def _none_of(faults: list[str], passed: str) -> str:
    if faults:
        raise Failed(f"{len(faults)} faults", faults)
    return passed
