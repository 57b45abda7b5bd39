"""An honest election in memory, every part of it open to a test's one-line crime.

Real keys, real signatures, real logs; only HTTP and databases are left out. After an edit `record()` builds
the public data as a box would that hides its crime as it can: trees recomputed, checkpoints signed anew.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from auditor.checks import run_checks
from auditor.context import Audit, Brought, ReceiptFile
from auditor.record import read_record
from auditor.report import Report
from crypto import ballot_signature, ed25519, merkle, tiles
from crypto.blind_rsa import client as blind
from crypto.blind_rsa.signer import PrivateOperation, blind_sign
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import WitnessKey, cosign
from crypto.keys import TokenPublicKey, generate_token_key, public_key_of
from crypto.signed_note import VerifierKey, parse_note
from crypto.signers import load_signer
from crypto.tlog_proof import TlogProof
from shared.answers import Answers, encode_answers
from shared.ballot import Ballot, MalformedBallot, decode_ballot, signature_message, signed_part
from shared.catalogue import catalogue_url, poll_entry
from shared.closing import issuance_closing, poll_closing
from shared.count import count_answers
from shared.encoding import b64u, parse_canonical
from shared.issuance_promise import issuance_leaf
from shared.manifest import Poll, build_manifest
from shared.poll_keys import PollKeys
from shared.publication import encode_signatures, sign_manifest
from shared.receipt import sign_receipt
from shared.result import result_statement, sign_result
from shared.revisions import replaced
from shared.sealing import Opening, answers_reader, seal_field
from shared.token import Token, token_message
from shared.trust import TrustRoot
from tests.public_record import LogRecord, PublicRecord, in_memory
from tests.samples import sample_members

AFTER = datetime(2026, 12, 2, tzinfo=UTC)
"""A time when everything of the sample poll is due."""

ANSWERS: tuple[Answers, ...] = (
    {"place": ("river",), "trees": ("pine", "larch")},
    {"place": ("school",), "trees": ()},
    {"place": ("river",), "trees": ("birch",)},
    {"place": ("none",), "trees": ("pine",)},
)


def seed(name: str) -> bytes:
    """A test seed of 32 bytes, by name. TEST KEY, never for use."""
    return f"TEST KEY {name}".encode().ljust(32, b".")[:32]


WITNESS = WitnessKey("witness.example", ed25519.public_key(seed("witness")))


@cache
def token_key_der(number: int) -> bytes:
    """A fresh RSA-2048 token key, made once per test run and number."""
    return generate_token_key(2048)


@cache
def token_key(number: int) -> TokenPublicKey:
    """The public key of `token_key_der(number)`."""
    return public_key_of(token_key_der(number))


@cache
def private_operation(number: int) -> PrivateOperation:
    """The private operation of `token_key_der(number)`."""
    return load_signer(token_key_der(number))


@dataclass
class Election:
    """The keys and public data of an honest poll with one issuer and four ballots."""

    poll: Poll
    issuer_seed: bytes = seed("issuer statement")
    box_seed: bytes = seed("box statement")
    issuer_log_seed: bytes = seed("issuer log")
    box_log_seed: bytes = seed("box log")
    catalogue_seed: bytes = seed("catalogue")
    entries: list[bytes] = field(default_factory=list)
    issuance: list[bytes] = field(default_factory=list)
    receipts: list[ReceiptFile] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    trust: TrustRoot | None = None
    others: list[bytes] = field(default_factory=list)
    witness_seed: bytes = seed("witness")
    sealing_key: bytes = seed("sealing")
    """The private HPKE key, published where the poll is sealed."""
    cosigned_at: datetime | None = None
    """When the witness saw the poll log's checkpoint; None: there is no witness."""
    served: dict[str, bytes] = field(default_factory=dict)
    """The client and its releases, by URL; where there are any, they are audited, too."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the record to put in place of the honest ones."""

    @property
    def keys(self) -> PollKeys:
        """The poll's public keys."""
        return PollKeys.of(self.poll)

    def token_by(self, key: int, ballot_key: bytes) -> Token:
        """A token signed directly by another token key than the manifest's; no issuance is logged."""
        prepared = blind.prepare(token_message(self.poll.poll_id, ballot_key))
        public = token_key(key)
        blinded = blind.blind(public, prepared)
        signature = blind_sign(public, private_operation(key), blinded.message)
        return Token(0, prepared[:32], blind.finalize(public, prepared, signature, blinded.inverse))

    def token(self, ballot_key: bytes, *, poll: Poll | None = None, key: int = 0) -> Token:
        """Issue a token for a ballot key: blind, sign, finalize."""
        public = token_key(key)
        prepared = blind.prepare(token_message((poll or self.poll).poll_id, ballot_key))
        blinded = blind.blind(public, prepared)
        signature = blind_sign(public, private_operation(key), blinded.message)
        self.issuance.append(
            issuance_leaf(self.poll.poll_id, seed("person"), blinded.message[:32], blinded.message)
        )
        return Token(0, prepared[:32], blind.finalize(public, prepared, signature, blinded.inverse))

    def ballot(
        self,
        answers: Any,
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
        tokens: tuple[Token, ...] | None = None,
        poll: Poll | None = None,
        raw_answers: bytes | None = None,
        revision: int = 0,
    ) -> bytes:
        """A ballot with fresh key and token where none are given."""
        key = key or ballot_signature.generate()
        public = ballot_signature.public_bytes(key)
        poll = poll or self.poll
        tokens = tokens if tokens is not None else (self.token(public),)
        padded = raw_answers or encode_answers(poll.manifest, answers)
        field_bytes = seal_field(poll, public, revision, padded)
        part = signed_part(poll.poll_id, public, revision, tokens, field_bytes)
        return part + ballot_signature.sign(key, signature_message(part))

    def cast(self, ballot: bytes) -> None:
        """Take a ballot into the log and give its receipt."""
        self.entries.append(ballot)
        receipt = sign_receipt(ed25519.signer(self.box_seed), self.poll.poll_id, merkle.leaf_hash(ballot))
        self.receipts.append(ReceiptFile(self.poll.poll_id, merkle.leaf_hash(ballot), receipt))

    def close(self) -> None:
        """Append the closing records."""
        self.entries.append(poll_closing(self.poll.poll_id, len(self.entries) - 1))
        self.issuance.append(issuance_closing(self.poll.poll_id, len(self.issuance)))

    def reclose(self) -> None:
        """Replace the poll log's closing record by one that fits the ballots before it."""
        self.entries[-1] = poll_closing(self.poll.poll_id, len(self.entries) - 2)

    def checkpoint(self) -> bytes:
        """The poll log's checkpoint over the entries as they are."""
        return log_record(self.poll.manifest.ballot_box.log_url, self.entries, self.box_log_seed).checkpoint

    def record(self) -> PublicRecord:
        """The public data as they follow from keys and entries, then the test's `changes`."""
        manifest = self.poll.manifest
        log = self.cosigned(log_record(manifest.ballot_box.log_url, self.entries, self.box_log_seed))
        issued = log_record(manifest.issuers[0].log_url, self.issuance, self.issuer_log_seed)
        result = self.result_of(log)
        members: dict[str, Any] = {
            "poll_url": f"{manifest.ballot_box.url}/polls/{self.poll.poll_id.hex()}",
            "manifest": self.poll.manifest_bytes,
            "signatures": encode_signatures([sign_manifest(self.issuer_seed, self.poll, 0)]),
            "result": result,
            "result_signature": b64u(sign_result(self.box_seed, result)).encode(),
            "poll_log": log,
            "opening": self.opening.encoded if manifest.sealing else b"",
            "issuance_logs": (self.cosigned(issued),),
            "served": self.served,
        }
        members |= self.changes
        proof = self.catalogue_proof(poll_entry(members["manifest"], members["signatures"]))
        return PublicRecord(**({"catalogue_proof": proof} | members))

    @property
    def opening(self) -> Opening:
        """The opening of the poll, if it is sealed."""
        return Opening(self.poll.poll_id, self.sealing_key)

    def cosigned(self, log: LogRecord) -> LogRecord:
        """The log with the witness's line, where there is a witness."""
        if self.cosigned_at is None:
            return log
        time = int(self.cosigned_at.timestamp())
        line = cosign(parse_note(log.checkpoint).text, WITNESS, self.witness_seed, time)
        return replace(log, checkpoint=log.checkpoint + line.encode())

    def catalogue_proof(self, entry: bytes) -> bytes:
        """The proof of an entry in a catalogue that holds it beside two others."""
        hashes = [merkle.leaf_hash(one) for one in (b"another", entry, b"a third")]
        origin = catalogue_url(self.poll.manifest.ballot_box.url).partition("://")[2]
        note = sign_checkpoint(Checkpoint(origin, 3, merkle.root_of(hashes)), self.catalogue_seed)
        return TlogProof(1, (hashes[0], hashes[2]), note).to_bytes()

    def root(self) -> bytes:
        """The root over the poll log's entries as they are."""
        return merkle.root_of(merkle.leaf_hash(entry) for entry in self.entries)

    def signed_result(self, statement: bytes) -> dict[str, bytes]:
        """`changes` that publish a result statement under the box's signature."""
        return {
            "result": statement,
            "result_signature": b64u(sign_result(self.box_seed, statement)).encode(),
        }

    def result_of(self, log: LogRecord, counted: tuple[bytes, ...] | None = None) -> bytes:
        """The honest result statement of a log, or of those of its entries that were counted."""
        ballots = list(enumerate(_ballots(log.entries if counted is None else counted)))
        out = replaced((index, ballot.ballot_key, ballot.revision) for index, ballot in ballots)
        read_answers = answers_reader(self.poll, self.opening)
        assert read_answers is not None
        answers = [read_answers(ballot) for index, ballot in ballots if index not in out]
        count = count_answers(self.poll.manifest, answers)
        root = merkle.root_of(merkle.leaf_hash(entry) for entry in log.entries)
        return result_statement(self.poll.poll_id, count, size=len(log.entries), root=root)

    def audit(self, *, now: datetime = AFTER) -> Report:
        """Audit the record with the trust root, the checkpoints seen and the receipts kept."""
        record = self.record()
        source = in_memory(record.files())
        witnesses = (WITNESS,) if self.cosigned_at else ()
        brought = Brought(
            trust=self.trust,
            checkpoints=tuple(self.seen),
            receipts=tuple(self.receipts),
            manifests=tuple(self.others),
            witnesses=witnesses,
            quorum=len(witnesses),
            client=bool(self.served),
        )
        return run_checks(Audit(read_record(source(), record.poll_url), source, brought, now))


def _ballots(entries: Iterable[bytes]) -> Iterator[Ballot]:
    for entry in entries:
        with suppress(MalformedBallot):
            yield decode_ballot(entry)


def log_record(url: str, entries: list[bytes], log_seed: bytes) -> LogRecord:
    """A log's public data over these entries, signed."""
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    head = Checkpoint(url.partition("://")[2], len(entries), merkle.root_of(hashes))
    return LogRecord(
        url=url,
        checkpoint=sign_checkpoint(head, log_seed),
        entries=tuple(entries),
        tiles=dict(tiles.extend(0, hashes, lambda _: b"")),
    )


def open_election(**changes: Any) -> Election:
    """An honest poll with its manifest in the log and no ballot yet; `changes` are manifest members."""
    members = sample_members()
    issuer, box = members["issuers"][0], members["ballot_box"]
    issuer |= {
        "statement_key": b64u(ed25519.public_key(seed("issuer statement"))),
        "token_key": b64u(token_key(0).der),
        "log_key": log_key(issuer["log_url"], seed("issuer log")),
    }
    box |= {
        "statement_key": b64u(ed25519.public_key(seed("box statement"))),
        "log_key": log_key(box["log_url"], seed("box log")),
    }
    poll = build_manifest(members | changes)
    trust = TrustRoot.model_validate(
        {
            "format": "veche/trust/v1",
            "issuers": [{name: issuer[name] for name in ("name", "statement_key", "url")}],
            "ballot_box": {name: box[name] for name in ("statement_key", "url")}
            | {"catalogue_key": log_key(catalogue_url(box["url"]), seed("catalogue"))},
            "client": members["client"],
        }
    )
    return Election(poll, entries=[poll.first_leaf], trust=trust)


def honest_election() -> Election:
    """A whole honest poll: five tokens, four ballots, a checkpoint seen after two of them, closed."""
    return deepcopy(_honest_election())


@cache
def _honest_election() -> Election:
    election = open_election()
    election.token(ballot_signature.public_bytes(ballot_signature.generate()))
    for number, answers in enumerate(ANSWERS):
        if number == 2:
            election.seen.append(election.checkpoint())
        election.cast(election.ballot(answers))
    election.close()
    election.others.append(sibling_manifest(election.poll))
    election.cosigned_at = election.poll.manifest.include_by - timedelta(hours=1)
    return election


def sibling_manifest(poll: Poll, **changes: str) -> bytes:
    """The manifest of another poll of the same services, with keys of its own."""
    members = parse_canonical(poll.manifest_bytes)
    issuer, box = members["issuers"][0], members["ballot_box"]
    issuer |= {
        "token_key": b64u(token_key(1).der),
        "log_key": log_key(issuer["log_url"], seed("sibling issuer log")),
    }
    box["log_key"] = log_key(box["log_url"], seed("sibling box log"))
    issuer |= changes
    return build_manifest(members).manifest_bytes


def log_key(url: str, log_seed: bytes) -> str:
    """The verifier key of a log at a URL."""
    return str(VerifierKey(url.partition("://")[2], ed25519.public_key(log_seed)))
