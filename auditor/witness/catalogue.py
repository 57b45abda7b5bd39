"""Which logs a witness admits: a trust root's catalogue, and the logs of the polls in it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from auditor.logs import NamedLog, logs_of
from auditor.source import NotThere, OutOfReach
from auditor.web import Web
from crypto import merkle, tiles
from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.signed_note import MAX_NOTE_SIZE, VerifierKey
from shared import labels
from shared.catalogue import catalogue_url
from shared.manifest import ManifestInvalid, parse_manifest
from shared.publication import ManifestSignaturesInvalid, parse_signatures, verify_manifest_signatures
from shared.trust import NotTrusted, TrustRoot, check_trusted

READING_SECONDS = 30.0
MAX_BUNDLE_SIZE = tiles.WIDTH * (2 + tiles.MAX_ENTRY_SIZE)
"""Entries of the catalogue may be longer than those of a record."""


class CatalogueUnread(Exception):
    """The catalogue cannot be had, or is not what its checkpoint says."""


@dataclass
class Catalogue:
    """The logs of one installation by origin; what is new in it is read at most once a second.

    Whole bundles never change: they are read once.
    """

    trust: TrustRoot
    _read: float = field(default=float("-inf"), init=False)
    _whole: merkle.Frontier = field(default_factory=merkle.Frontier, init=False)
    """The tree over the whole bundles that were read."""
    _known: dict[str, VerifierKey] = field(default_factory=dict, init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    def own(self) -> dict[str, VerifierKey]:
        """The catalogue itself."""
        key = self.trust.ballot_box.catalogue
        return {key.name: key}

    def logs(self) -> Mapping[str, VerifierKey]:
        """The logs of every poll that is in it now. Raises CatalogueUnread."""
        with self._reading:
            if time.monotonic() - self._read >= 1:
                self._read = time.monotonic()
                self._read_on()
            return self._known

    def _read_on(self) -> None:
        """Read what is new since the last whole bundle, all of it under one signed root."""
        fetch, url = Web(time.monotonic() + READING_SECONDS)(), catalogue_url(self.trust.ballot_box.url)
        whole, found = self._whole, dict(self._known)
        tree = merkle.Frontier(whole.size, whole.hashes)
        try:
            head = open_checkpoint(fetch(f"{url}/checkpoint", MAX_NOTE_SIZE), self.trust.ballot_box.catalogue)
            for bundle in islice(tiles.bundles_of(head.size), whole.size // tiles.WIDTH, None):
                data = fetch(f"{url}/{bundle.path()}", MAX_BUNDLE_SIZE)
                for entry in tiles.decode_bundle(data, bundle.width):
                    tree.append(merkle.leaf_hash(entry))
                    found |= {log.key.name: log.key for log in self._logs_of(entry)}
                if bundle.width == tiles.WIDTH:
                    whole = merkle.Frontier(tree.size, tree.hashes)
        except (CryptoError, NotThere, OutOfReach) as error:
            raise CatalogueUnread(str(error)) from None
        if (tree.size, tree.root()) != (head.size, head.root):
            raise CatalogueUnread("the entries do not give the checkpoint's root")
        self._whole, self._known = whole, found

    def _logs_of(self, entry: bytes) -> tuple[NamedLog, ...]:
        """The logs of a poll that issuers of the trust root signed; none of anything else."""
        if not entry.startswith(labels.CATALOGUE_POLL):
            return ()
        signatures, _, manifest = entry.removeprefix(labels.CATALOGUE_POLL).partition(b"\n")
        try:
            poll = parse_manifest(manifest)
            check_trusted(self.trust, poll.manifest)
            verify_manifest_signatures(poll, parse_signatures(signatures))
            return logs_of(poll)
        except (ManifestInvalid, ManifestSignaturesInvalid, NotTrusted):
            return ()
