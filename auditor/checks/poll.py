"""Checks 1 to 4, 17 and 19: what was announced, by whom, and with which keys."""

from auditor.checks.judging import need, none_of
from auditor.context import Audit, Failed, Skipped
from auditor.shared_keys import keys_of, token_moduli, with_common_factor
from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from crypto.tlog_proof import parse_proof
from shared.catalogue import PROOF, poll_entry
from shared.manifest import ManifestInvalid, parse_manifest
from shared.poll_keys import PollKeys
from shared.publication import ManifestSignaturesInvalid, parse_signatures, verify_manifest_signatures
from shared.trust import NotTrusted, check_trusted


def manifest(audit: Audit) -> str:
    """1. Hash equals the poll id; structure of section 3."""
    record = audit.record
    need(record, "manifest.json")
    if not record.manifest:
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
    need(audit.record, "signatures.json")
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
    return none_of(faults, f"{len(own)} token keys beside {len(others)} of other polls")


def catalogue(audit: Audit) -> str:
    """19. Manifest and signatures stand in the catalogue of the trust root's box."""
    if audit.brought.trust is None:
        raise Skipped("no trust root given (--trust): the catalogue's key could be anybody's")
    record = audit.record
    need(record, "manifest.json", "signatures.json", PROOF)
    if not record.catalogue_proof:
        raise Failed("there is no proof that the poll is in the catalogue")
    leaf = leaf_hash(poll_entry(record.manifest, record.signatures))
    try:
        proof = parse_proof(record.catalogue_proof)
        head = proof.verify(audit.brought.trust.ballot_box.catalogue, leaf)
    except CryptoError as error:
        raise Failed(str(error)) from None
    return f"entry {proof.index} of a catalogue of {head.size}"
