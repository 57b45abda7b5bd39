"""The logs of a poll with their keys, as its manifest names them."""

from dataclasses import dataclass

from auditor.record import MAX_SMALL_FILE_SIZE
from auditor.source import Fetch, NotThere, OutOfReach
from crypto.signed_note import VerifierKey
from shared.catalogue import catalogue_url
from shared.manifest import MAX_MANIFEST_SIZE, ManifestInvalid, Poll, parse_manifest
from shared.poll_keys import PollKeys
from shared.publication import ManifestSignaturesInvalid, parse_signatures, verify_manifest_signatures
from shared.trust import NotTrusted, TrustRoot, check_trusted


class PollRefused(Exception):
    """What is at a poll's URL is not a manifest of that id, signed and (where asked) trusted."""


@dataclass(frozen=True, slots=True)
class NamedLog:
    """A log's URL and verifier key."""

    url: str
    key: VerifierKey


def read_poll(fetch: Fetch, poll_url: str, trust: TrustRoot | None) -> Poll:
    """The manifest at a URL, checked as far as one can without its logs. Raises PollRefused, OutOfReach."""
    try:
        poll = parse_manifest(fetch(f"{poll_url}/manifest.json", MAX_MANIFEST_SIZE + 1))
        signatures = parse_signatures(fetch(f"{poll_url}/signatures.json", MAX_SMALL_FILE_SIZE))
        verify_manifest_signatures(poll, signatures)
        PollKeys.of(poll)
        if trust is not None:
            check_trusted(trust, poll.manifest)
    except NotThere as error:
        raise OutOfReach(f"not there: {error}") from None
    except (ManifestInvalid, ManifestSignaturesInvalid, NotTrusted) as error:
        raise PollRefused(f"{poll_url}: {error}") from None
    if poll_url.rpartition("/")[2] != poll.poll_id.hex():
        raise PollRefused(f"{poll_url}: the manifest's hash is not the poll id")
    return poll


def logs_of(poll: Poll) -> tuple[NamedLog, ...]:
    """The poll log and every issuance log."""
    keys, manifest = PollKeys.of(poll), poll.manifest
    issuance = zip(manifest.issuers, keys.issuance_logs, strict=True)
    return (
        NamedLog(manifest.ballot_box.log_url, keys.poll_log),
        *(NamedLog(issuer.log_url, key) for issuer, key in issuance),
    )


def catalogue_of(trust: TrustRoot) -> NamedLog:
    """The catalogue of a trust root's ballot box (docs/protocol.md 3.9)."""
    return NamedLog(catalogue_url(trust.ballot_box.url), trust.ballot_box.catalogue)
