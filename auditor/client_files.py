"""Check 21 of docs/protocol.md 9.2: what residents are served is a release that stands in the catalogue."""

from collections.abc import Iterator
from typing import Final

from auditor.context import Audit, Failed, Skipped
from auditor.record import MAX_SMALL_FILE_SIZE
from auditor.source import Fetch, NotThere, OutOfReach
from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from crypto.tlog_proof import parse_proof
from shared.catalogue import PROOF
from shared.client_release import (
    LISTED,
    MAX_CLIENT_FILE_SIZE,
    MAX_RELEASE_SIZE,
    START_PAGE,
    Release,
    ReleaseInvalid,
    hash_of,
    parse_release,
    verify_release,
)
from shared.encoding import EncodingRefused, from_hex, parse_canonical
from shared.trust import TrustRoot

LOOKED_THROUGH: Final = 100
"""How many of the newest releases are read to find the one that is served."""


def client(audit: Audit) -> str:
    """21. The files at the client's origin are those of a release in the catalogue."""
    if not audit.brought.client:
        raise Skipped("not asked for (--client)", leaves_open=False)
    trust = audit.brought.trust
    if trust is None:
        raise Skipped("no trust root given (--trust): the client could be anybody's")
    fetch = audit.open_source()
    try:
        ids = _listed(fetch, trust)
        page = _start_page(fetch, trust)
        release, place = _served_release(fetch, trust, ids, page)
        faults = tuple(_faults(fetch, trust, release))
    except OutOfReach as error:
        raise Skipped(str(error)) from None
    if faults:
        raise Failed(f"{len(faults)} files are not those of release {release.version}", faults)
    newer = len(ids) - 1 - ids.index(release.release_id)
    age = f"{newer} newer releases" if newer else "the newest"
    return f"{len(release.files)} files of release {release.version}, {place}; {age}"


def _start_page(fetch: Fetch, trust: TrustRoot) -> str:
    """The hash of what stands at `/`. Raises OutOfReach also where there is nothing: a copy has no client."""
    try:
        return hash_of(_served(fetch, trust, START_PAGE))
    except NotThere as error:
        raise OutOfReach(f"not there: {error}") from None


def _listed(fetch: Fetch, trust: TrustRoot) -> list[bytes]:
    try:
        members = parse_canonical(fetch(trust.ballot_box.url + LISTED, MAX_SMALL_FILE_SIZE))
        ids = [from_hex(one, size=32) for one in members["releases"]]
    except NotThere:
        raise Failed("the ballot box lists no release of the client") from None
    except (EncodingRefused, KeyError, TypeError):
        raise Failed("the list of releases does not read") from None
    if not ids:
        raise Failed("no release of the client was ever published")
    return ids


def _served_release(fetch: Fetch, trust: TrustRoot, ids: list[bytes], page: str) -> tuple[Release, str]:
    """The newest release with this start page, else the newest; and where it stands in the catalogue."""
    newest = _release(fetch, trust, ids[-1])
    if newest[0].files[START_PAGE] == page:
        return newest
    for release_id in reversed(ids[-LOOKED_THROUGH:-1]):
        older = _release(fetch, trust, release_id)
        if older[0].files[START_PAGE] == page:
            return older
    return newest


def _release(fetch: Fetch, trust: TrustRoot, release_id: bytes) -> tuple[Release, str]:
    named = f"release {release_id.hex()[:8]}"
    url = f"{trust.ballot_box.url}/client-releases/{release_id.hex()}"
    try:
        release = parse_release(fetch(f"{url}/release.json", MAX_RELEASE_SIZE))
        verify_release(trust, release)
        proof = parse_proof(fetch(f"{url}/{PROOF}", MAX_SMALL_FILE_SIZE))
        head = proof.verify(trust.ballot_box.catalogue, leaf_hash(release.leaf))
    except NotThere as error:
        raise Failed(f"{named}: not there: {error}") from None
    except (ReleaseInvalid, CryptoError) as error:
        raise Failed(f"{named}: {error}") from None
    if release.release_id != release_id:
        raise Failed(f"{named} is listed under another id")
    return release, f"entry {proof.index} of a catalogue of {head.size}"


def _faults(fetch: Fetch, trust: TrustRoot, release: Release) -> Iterator[str]:
    for path, expected in release.files.items():
        try:
            if hash_of(_served(fetch, trust, path)) != expected:
                yield f"{path}: other bytes than in the release"
        except NotThere:
            yield f"{path}: not there"
    try:
        if _served(fetch, trust, "trust.json") != trust.to_bytes():
            yield "trust.json: not the trust root that was given"
    except NotThere:
        yield "trust.json: not there"


def _served(fetch: Fetch, trust: TrustRoot, path: str) -> bytes:
    """What a browser gets; the start page stands at `/`. Raises NotThere, OutOfReach."""
    return fetch(f"{trust.client}/{'' if path == START_PAGE else path}", MAX_CLIENT_FILE_SIZE)
