"""Publication, docs/protocol.md 3.6: logs for polls to come, manifests of pinned issuers."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ballot_box import store, tables
from ballot_box.catalogue import enter, publish_catalogue
from ballot_box.polls import known_poll
from ballot_box.publishing import check_current, publish
from ballot_box.services import Services
from crypto import ed25519
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey
from shared.catalogue import poll_entry
from shared.db import read, write
from shared.encoding import b64u, from_b64u
from shared.log.sequencer import append, create_log, sequence
from shared.manifest import ManifestInvalid, Sealing, parse_manifest
from shared.poll_keys import PollKeys
from shared.publication import (
    ManifestSignature,
    ManifestSignaturesInvalid,
    encode_signatures,
    log_request_statement,
    verify_manifest_signatures,
)
from shared.refusals import IssuerUnknown, ManifestRefused
from shared.trust import NotTrusted, check_trusted

LOG_ID_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class LogOffer:
    """What the box gives to a poll to come: a log's URL and verifier key, and a public HPKE key (65 bytes)
    in case the box is to open the poll."""

    log_url: str
    log_key: str
    sealing_key: bytes


def give_log(box: Services, issuer: str, request: bytes, signature: bytes) -> LogOffer:
    """The log for an issuer's request (32 bytes); the same for the same request.

    Raises BoxReadOnly, StorageFull, IssuerUnknown.
    """
    box.check_accepting()
    _check_issuer(box, issuer, request, signature)
    with write(box.engine) as conn:
        log_id = store.give_log(conn, issuer, request, secrets.token_hex(LOG_ID_SIZE))
    return _offer(box, log_id)


def accept(box: Services, poll_id: bytes, manifest: bytes, signatures: Sequence[ManifestSignature]) -> bool:
    """Publish a manifest; False if it is there. Raises BoxReadOnly, StorageFull,
    IssuerUnknown, ManifestRefused."""
    box.check_accepting()
    keys = _checked(box, poll_id, manifest, signatures)
    with write(box.engine) as conn:
        added = _add(box, conn, keys, encode_signatures(signatures))
    with read(box.engine) as conn:
        poll = known_poll(conn, poll_id)
    publish_catalogue(box)  # first: witnesses learn the poll's log from it
    publish(box, poll)
    return added


def _check_issuer(box: Services, issuer: str, request: bytes, signature: bytes) -> None:
    statement = log_request_statement(box=box.settings.url, issuer=issuer, request=request)
    pinned = [known.statement_key for known in box.trust.issuers if known.url == issuer]
    if not any(_verifies(from_b64u(key), statement, signature) for key in pinned):
        raise IssuerUnknown("not pinned, or a wrong signature")


def _verifies(key: bytes, statement: bytes, signature: bytes) -> bool:
    """An issuer that changes its statement key stands in the trust root twice."""
    try:
        ed25519.verify(key, statement, signature)
    except CryptoError:
        return False
    return True


def _checked(
    box: Services, poll_id: bytes, manifest: bytes, signatures: Sequence[ManifestSignature]
) -> PollKeys:
    """The checks of section 3.5, against our own trust root."""
    try:
        keys = PollKeys.of(parse_manifest(manifest))
        check_trusted(box.trust, keys.poll.manifest)
        verify_manifest_signatures(keys.poll, signatures)
    except ManifestInvalid as invalid:
        raise ManifestRefused(str(invalid)) from None
    except (NotTrusted, ManifestSignaturesInvalid) as unknown:
        raise IssuerUnknown(str(unknown)) from None
    if keys.poll.poll_id != poll_id:
        raise ManifestRefused("of another id")
    return keys


def _add(box: Services, conn: Connection, keys: PollKeys, signatures: bytes) -> bool:
    """Insert the poll with leaf 0; False if it is there. What is raised undoes the transaction."""
    poll, log_id = keys.poll, keys.poll.manifest.ballot_box.log_url.rpartition("/")[2]
    if not store.add_poll(conn, poll, log_id, signatures):
        if store.find_poll(conn, poll.poll_id) is None:
            raise ManifestRefused("another poll in this log")
        return False
    _check_log(box, conn, keys, log_id)
    if box.clock() >= poll.manifest.closes_at:
        raise ManifestRefused("closes in the past")
    create_log(conn, tables.log, log_id)
    append(conn, tables.log, log_id, poll.first_leaf)
    head = sequence(conn, tables.log, log_id, lambda _: None)
    check_current(box, known_poll(conn, poll.poll_id), head)
    enter(box, conn, poll_entry(poll.manifest_bytes, signatures))
    return True


def _check_log(box: Services, conn: Connection, keys: PollKeys, log_id: str) -> None:
    named = keys.poll.manifest.ballot_box
    owner = store.log_owner(conn, log_id)
    if owner not in {issuer.url for issuer in keys.poll.manifest.issuers}:
        raise ManifestRefused("not a log that was given to an issuer of this poll")
    offer = _offer(box, log_id)
    if (named.log_url, named.log_key) != (offer.log_url, offer.log_key):
        raise ManifestRefused("not the log that was given")
    if keys.poll.manifest.sealing:
        _check_sealing(box, conn, keys.poll.poll_id, keys.poll.manifest.sealing, b64u(offer.sealing_key))


def _check_sealing(box: Services, conn: Connection, poll_id: bytes, sealing: Sealing, own_key: str) -> None:
    if sealing.custodian == "automatic" and sealing.public_key != own_key:
        raise ManifestRefused("not a key that this box can open the poll with")
    others = {one.sealing_key for one in box.listing.all(conn) if one.poll_id != poll_id}
    if sealing.public_key in others:
        raise ManifestRefused("a key whose opening would open another poll as well")


def _offer(box: Services, log_id: str) -> LogOffer:
    url = f"{box.settings.url}/log/{log_id}"
    log_key = VerifierKey(url.partition("://")[2], box.state.make_log_key(log_id))
    return LogOffer(url, str(log_key), box.state.make_sealing_key(log_id))
