"""The decoders of what strangers send, each with honest inputs to begin from."""

import io
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

from auditor.evidence import Evidence, NoEvidence
from auditor.record_zip import BadZip, open_record_zip
from auditor.witness.refusals import Refused
from auditor.witness.submission import parse_submission
from crypto import ed25519
from crypto.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from crypto.errors import (
    CryptoError,
    InvalidKey,
    MalformedCheckpoint,
    MalformedNote,
    MalformedProof,
    MalformedTile,
)
from crypto.keys import load_token_key
from crypto.signed_note import VerifierKey, open_note, parse_note
from crypto.tiles import decode_bundle, encode_bundle, parse_path
from crypto.tlog_proof import parse_proof
from issuer.esia import tokens
from issuer.esia.errors import EsiaTokenInvalid
from issuer.residency.gar_files import GarInvalid, elements
from shared.answers import InvalidAnswers, decode_answers, encode_answers
from shared.ballot import MalformedBallot, decode_ballot, encode_ballot
from shared.encoding import (
    EncodingRefused,
    b64u,
    canonical_json,
    format_time,
    from_b64u,
    parse_canonical,
    parse_time,
)
from shared.manifest import ManifestInvalid, parse_manifest
from shared.publication import ManifestSignaturesInvalid, encode_signatures, parse_signatures
from shared.sealing import Opening, OpeningInvalid, parse_opening
from shared.statements import Statement, StatementInvalid, parse_statement
from shared.trust import TrustInvalid, parse_trust
from tests.issuer.esia.keys import NOW
from tests.simulator import Election, honest_election, seed

ELECTION: Final[Election] = honest_election()
LOG: Final = seed("box log")
KEY: Final = VerifierKey("box.example/log", ed25519.public_key(LOG))
NOTE: Final = sign_checkpoint(Checkpoint(KEY.name, 300, bytes(32)), LOG)
VERIFICATION: Final = tokens.Verification((), "http://esia.gosuslugi.ru/", "VECHE22")


@dataclass(frozen=True, slots=True)
class Decoder:
    """`again` decodes and encodes back; None where the value does not hold all of the input."""

    name: str
    honest: Sequence[bytes]
    again: Callable[[bytes], bytes | None]
    errors: tuple[type[Exception], ...]
    weight: int = 10
    """Its part of the inputs: cheap decoders get many."""

    def try_on(self, data: bytes) -> bool:
        """Whether the input was accepted. Raises NotItself, and whatever a decoder must not raise."""
        try:
            encoded = self.again(data)
        except self.errors:
            return False
        if encoded is not None and encoded != data:
            raise NotItself(self.name)
        return True


class NotItself(AssertionError):
    """A decoder accepted bytes that are not those of the value."""


def _note(data: bytes) -> bytes:
    note = parse_note(data)
    lines = (
        f"— {line.name} {b64encode(line.key_id + line.signature).decode()}\n" for line in note.signatures
    )
    return f"{note.text}\n{''.join(lines)}".encode()


def _opened(data: bytes) -> None:
    assert parse_checkpoint(open_note(data, [KEY])).size == 300


def _bundle(data: bytes) -> bytes:
    return encode_bundle(decode_bundle(data, 3))


def _token(kind: str) -> Callable[[bytes], None]:
    """The claims of a token whose signature is taken for good: nothing but its own errors."""
    verify = {"access": tokens.verify_access_token, "id": tokens.verify_id_token}[kind]
    header = b64u(canonical_json({"alg": "RS256", "sbt": kind, "typ": "JWT", "ver": 1}))

    def decode(data: bytes) -> None:
        with patch.object(tokens, "_check_signature"):
            verify(f"{header}.{b64u(data)}.", VERIFICATION, NOW)

    return decode


def _whole_token(data: bytes) -> None:
    tokens.verify_id_token(data.decode("latin-1"), VERIFICATION, NOW)


def _zip(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        record = open_record_zip(Path(file.name))
        with record.archive:
            for path in record.members:
                record.read(path, 4_254_816)


def _gar(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(data)
        file.flush()
        for _ in elements(Path(file.name), "OBJECT"):
            pass


def _submission(data: bytes) -> None:
    parse_submission(data)


def _statement(data: bytes) -> bytes:
    return parse_statement("decision", data).encoded


def _answers(data: bytes) -> bytes:
    manifest = ELECTION.poll.manifest
    return encode_answers(manifest, decode_answers(manifest, data))


def _honest_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("box/a", "box/b/c"):
            archive.writestr(zipfile.ZipInfo(name), b"content of " + name.encode())
    return out.getvalue()


def _evidence() -> bytes:
    fork = sign_checkpoint(Checkpoint(KEY.name, 300, bytes(31) + b"\1"), LOG)
    return Evidence(KEY, NOTE, fork, (bytes(32),)).to_bytes()


def _claims(kind: str) -> bytes:
    seconds = int(NOW.timestamp())
    claims: dict[str, object] = {
        "nbf": seconds,
        "iat": seconds,
        "exp": seconds + 60,
        "iss": VERIFICATION.issuer,
    }
    if kind == "access":
        claims |= {"client_id": "VECHE22", "scope": "openid snils?oid=1", "urn:esia:sbj_id": 1}
    else:
        subject = {"urn:esia:sbj:typ": "P", "urn:esia:sbj:is_tru": True, "urn:esia:sbj:oid": 1}
        claims |= {"aud": "VECHE22", "amr": "PWD", "sub": 1, "urn:esia:sbj": subject}
    return canonical_json(claims)


BALLOTS: Final = ELECTION.entries[1:-1]
RECORD: Final = ELECTION.record()
DECISION: Final = Statement("decision", ELECTION.poll.poll_id, {"ru": "У реки.", "en": "By the river."})
GAR: Final = b'<?xml version="1.0" encoding="utf-8"?><OBJECTS><OBJECT ID="1" ISACTIVE="1"/></OBJECTS>'

DECODERS: Final = (
    Decoder("ballot", BALLOTS, lambda data: encode_ballot(decode_ballot(data)), (MalformedBallot,), 40),
    Decoder(
        "answers",
        [encode_answers(ELECTION.poll.manifest, {"place": ("river",), "trees": ("pine",)})],
        _answers,
        (InvalidAnswers,),
    ),
    Decoder(
        "manifest", [RECORD.manifest], lambda data: parse_manifest(data).manifest_bytes, (ManifestInvalid,), 1
    ),
    Decoder(
        "manifest signatures",
        [RECORD.signatures],
        lambda data: encode_signatures(parse_signatures(data)),
        (ManifestSignaturesInvalid,),
        10,
    ),
    Decoder(
        "statement",
        [DECISION.signed(seed("issuer statement"), 0).encoded],
        _statement,
        (StatementInvalid,),
        4,
    ),
    Decoder(
        "opening",
        [Opening(ELECTION.poll.poll_id, bytes(32)).encoded],
        lambda data: parse_opening(data).encoded,
        (OpeningInvalid,),
    ),
    Decoder(
        "trust root",
        [ELECTION.trust.to_bytes() if ELECTION.trust else b""],
        lambda data: parse_trust(data).to_bytes(),
        (TrustInvalid,),
        2,
    ),
    Decoder("note", [NOTE], _note, (MalformedNote, UnicodeDecodeError), 40),
    Decoder("signed checkpoint", [NOTE], _opened, (CryptoError,), 10),
    Decoder(
        "checkpoint",
        [NOTE.partition(b"\n\n")[0] + b"\n"],
        lambda data: parse_checkpoint(data.decode()).text().encode(),
        (MalformedCheckpoint, UnicodeDecodeError),
        40,
    ),
    Decoder(
        "verifier key",
        [str(KEY).encode()],
        lambda data: str(VerifierKey.parse(data.decode())).encode(),
        (InvalidKey, UnicodeDecodeError),
        30,
    ),
    Decoder(
        "tile path",
        [b"tile/0/x001/234.p/7", b"tile/entries/000"],
        lambda data: parse_path(data.decode()).path().encode(),
        (MalformedTile, UnicodeDecodeError),
        30,
    ),
    Decoder("bundle", [encode_bundle([b"", b"one", b"another" * 9])], _bundle, (MalformedTile,), 40),
    Decoder(
        "tlog proof",
        [RECORD.catalogue_proof],
        lambda data: parse_proof(data).to_bytes(),
        (MalformedProof,),
        30,
    ),
    Decoder("evidence", [_evidence()], lambda data: Evidence.parse(data).to_bytes(), (NoEvidence,), 8),
    Decoder(
        "witness submission",
        [b"old 0\n\n" + NOTE],
        _submission,
        (Refused,),
        20,
    ),
    Decoder(
        "token key",
        [from_b64u(ELECTION.poll.manifest.issuers[0].token_key)],
        lambda data: load_token_key(data).der,
        (CryptoError,),
        4,
    ),
    Decoder("ESIA access claims", [_claims("access")], _token("access"), (EsiaTokenInvalid,), 1),
    Decoder("ESIA id claims", [_claims("id")], _token("id"), (EsiaTokenInvalid,), 1),
    Decoder(
        "ESIA token", [f"e30.{b64u(_claims('id'))}.AAAA".encode()], _whole_token, (EsiaTokenInvalid,), 20
    ),
    Decoder("record zip", [_honest_zip()], _zip, (BadZip,), 2),
    Decoder("GAR", [GAR], _gar, (GarInvalid,), 3),
    Decoder(
        "canonical JSON",
        [b'{"a":[1,true,null,"\xd1\x8f"],"b":{}}'],
        lambda data: canonical_json(parse_canonical(data)),
        (EncodingRefused,),
        20,
    ),
    Decoder(
        "base64url",
        [b"AAECAw"],
        lambda data: b64u(from_b64u(data.decode("latin-1"))).encode(),
        (EncodingRefused,),
        40,
    ),
    Decoder(
        "time",
        [b"2026-11-23T12:00:00Z"],
        lambda data: format_time(parse_time(data.decode())).encode(),
        (EncodingRefused, UnicodeDecodeError),
        20,
    ),
)
