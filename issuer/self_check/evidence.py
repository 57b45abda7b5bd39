"""The evidence of one issuance: its parts, the promise, the proof that its leaf is in the issuance log."""

from dataclasses import dataclass

from sqlalchemy import Connection

from crypto.checkpoint import parse_checkpoint
from crypto.merkle import leaf_hash, prove_inclusion
from crypto.tiles import subtree_reader
from issuer import store, tables
from issuer.keys import KeyStore, VoterPseudonym
from issuer.polls import log_id, own_entry
from issuer.store import Issuance
from shared.encoding import b64u, canonical_json, from_b64u
from shared.issuance_promise import issuance_leaf, sign_promise
from shared.log.publisher import published_note
from shared.log.reader import find_leaf
from shared.log.sequencer import tile_reader
from shared.manifest import Poll


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf's place under a published checkpoint, and the audit path (RFC 6962 section 2.1.1)."""

    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a resident may know of the issuance in their name."""

    poll: Poll
    issuer: int
    """Index in the manifest."""
    issuance: Issuance
    promise: bytes
    checkpoint: bytes | None
    """The newest published note."""
    inclusion: Inclusion | None
    """None until the leaf is published."""

    @property
    def leaf(self) -> bytes:
        """The leaf of docs/protocol.md 5.2."""
        one = self.issuance
        return issuance_leaf(self.poll.poll_id, one.pseudonym, one.nonce, one.blinded_message)

    def to_bytes(self) -> bytes:
        """The evidence file of docs/protocol.md 5.6, canonical JSON."""
        one = self.issuance
        return canonical_json(
            {
                "blinded_message": b64u(one.blinded_message),
                "checkpoint": None if self.checkpoint is None else b64u(self.checkpoint),
                "format": "veche/issuance-evidence/v1",
                "index": None if self.inclusion is None else self.inclusion.index,
                "issuer": self.issuer,
                "manifest": b64u(self.poll.manifest_bytes),
                "nonce": b64u(one.nonce),
                "promise": b64u(self.promise),
                "proof": None if self.inclusion is None else [step.hex() for step in self.inclusion.proof],
                "pseudonym": b64u(one.pseudonym),
            }
        )


def evidence_of(
    conn: Connection, keys: KeyStore, url: str, poll: Poll, pseudonym: VoterPseudonym
) -> Evidence | None:
    """The evidence for a person in a poll; None where no token was issued."""
    issuance = store.find_issuance(conn, poll.poll_id, pseudonym)
    if issuance is None:
        return None
    own = own_entry(poll, url)
    leaf = issuance_leaf(poll.poll_id, issuance.pseudonym, issuance.nonce, issuance.blinded_message)
    note = published_note(conn, tables.log, log_id(own))
    return Evidence(
        poll=poll,
        issuer=poll.manifest.issuers.index(own),
        issuance=issuance,
        promise=sign_promise(keys.statement_seed(from_b64u(own.statement_key)), poll.poll_id, leaf),
        checkpoint=note,
        inclusion=None if note is None else _inclusion(conn, log_id(own), note, leaf),
    )


def _inclusion(conn: Connection, log: str, note: bytes, leaf: bytes) -> Inclusion | None:
    """The leaf's place under this checkpoint, if it is there yet."""
    size = parse_checkpoint(note.decode("utf-8").partition("\n\n")[0] + "\n").size
    index = find_leaf(conn, tables.log, log, leaf_hash(leaf))
    if index is None or index >= size:
        return None
    subtree = subtree_reader(size, tile_reader(conn, tables.log, log))
    return Inclusion(index, tuple(prove_inclusion(index, size, subtree)))
