"""A large honest record for measuring: RSA-3072 tokens, one issuer, written once and kept under var/bench."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crypto import ballot_signature, merkle, tiles
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.keys import generate_token_key, load_private_key, public_key_of
from crypto.tiles import WIDTH, Tile, encode_bundle
from shared import labels
from shared.answers import encode_answers
from shared.ballot import decode_ballot, signature_message, signed_part
from shared.catalogue import PROOF, poll_entry
from shared.closing import issuance_closing, poll_closing
from shared.count import Tally
from shared.encoding import b64u, parse_canonical
from shared.manifest import Poll, build_manifest, parse_manifest
from shared.publication import encode_signatures, sign_manifest
from shared.record import record_path
from shared.result import result_statement, sign_result
from shared.token import Token, token_message
from tests.simulator import ANSWERS, Election, open_election

VAR = Path(__file__).parents[1] / "var" / "bench"
VAR.mkdir(parents=True, exist_ok=True)
FORMAT = 3
"""Of what is kept under VAR: raised when a record gets other files."""
PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)


def large_record(ballots: int) -> Path:
    """The folder with a record of so many ballots and its trust.json; made if it is not there."""
    folder = VAR / f"record-{FORMAT}-{ballots}"
    if not folder.exists():
        making = folder.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _make(making, ballots)
        making.rename(folder)
    return folder


def _make(folder: Path, ballots: int) -> None:
    key = generate_token_key(3072)
    small = open_election()
    members = parse_canonical(small.poll.manifest_bytes)
    members["issuers"][0]["token_key"] = b64u(public_key_of(key).der)
    election = Election(build_manifest(members), trust=small.trust)
    poll, box = election.poll, election.poll.manifest.ballot_box
    tally = Tally()
    leaves = _leaves(poll, key, ballots, tally)
    size, root = _write_log(folder, box.log_url, leaves, election.box_log_seed)
    issued = (labels.ISSUED + secrets.token_bytes(32) for _ in range(ballots))
    issuance = _and_last(issued, issuance_closing(poll.poll_id, ballots))
    _write_log(folder, poll.manifest.issuers[0].log_url, issuance, election.issuer_log_seed)
    result = result_statement(poll.poll_id, tally.count(poll.manifest), size=size, root=root)
    url = f"{box.url}/polls/{poll.poll_id.hex()}"
    _write(folder, f"{url}/manifest.json", poll.manifest_bytes)
    signatures = encode_signatures([sign_manifest(election.issuer_seed, poll, 0)])
    _write(folder, f"{url}/signatures.json", signatures)
    proof = election.catalogue_proof(poll_entry(poll.manifest_bytes, signatures))
    _write(folder, f"{url}/{PROOF}", proof)
    _write(folder, f"{url}/result.json", result)
    _write(folder, f"{url}/result.signature", b64u(sign_result(election.box_seed, result)).encode())
    assert election.trust is not None
    (folder / "trust.json").write_bytes(election.trust.to_bytes())


def _leaves(poll: Poll, key: bytes, ballots: int, tally: Tally) -> Iterator[bytes]:
    yield poll.first_leaf
    parts = [min(WIDTH, ballots - at) for at in range(0, ballots, WIDTH)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(ballots_of, [poll.manifest_bytes] * len(parts), [key] * len(parts), parts):
            for ballot in part:
                tally.take(poll.manifest, decode_ballot(ballot).answers)
                yield ballot
    yield poll_closing(poll.poll_id, ballots)


def _and_last(leaves: Iterator[bytes], last: bytes) -> Iterator[bytes]:
    yield from leaves
    yield last


def ballots_of(manifest: bytes, key: bytes, number: int) -> list[bytes]:
    """So many ballots of a poll; `key`: its token key, PKCS #8 DER."""
    return [_ballot(_poll(manifest), _private(key)) for _ in range(number)]


_poll = cache(parse_manifest)
_private = cache(load_private_key)


def _ballot(poll: Poll, key: rsa.RSAPrivateKey) -> bytes:
    """The token is signed directly: a blind signature, once finalized, is this very signature (RFC 9474)."""
    ballot_key = ballot_signature.generate()
    public = ballot_signature.public_bytes(ballot_key)
    prefix = secrets.token_bytes(32)
    signature = key.sign(prefix + token_message(poll.poll_id, public), PSS, hashes.SHA384())
    answers = encode_answers(poll.manifest, secrets.choice(ANSWERS))
    part = signed_part(poll.poll_id, public, 0, (Token(0, prefix, signature),), answers)
    return part + ballot_signature.sign(ballot_key, signature_message(part))


def _write_log(folder: Path, url: str, leaves: Iterator[bytes], seed: bytes) -> tuple[int, bytes]:
    leaf_hashes: list[bytes] = []
    bundle: list[bytes] = []
    for leaf in leaves:
        leaf_hashes.append(merkle.leaf_hash(leaf))
        bundle.append(leaf)
        if len(bundle) == WIDTH:
            _write_bundle(folder, url, len(leaf_hashes), bundle)
            bundle = []
    if bundle:
        _write_bundle(folder, url, len(leaf_hashes), bundle)
    for tile, data in tiles.extend(0, leaf_hashes, lambda _: b""):
        _write(folder, f"{url}/{tile.path()}", data)
    head = Checkpoint(url.partition("://")[2], len(leaf_hashes), merkle.root_of(leaf_hashes))
    _write(folder, f"{url}/checkpoint", sign_checkpoint(head, seed))
    return head.size, head.root


def _write_bundle(folder: Path, url: str, size: int, bundle: Sequence[bytes]) -> None:
    tile = Tile(None, (size - 1) // WIDTH, len(bundle))
    _write(folder, f"{url}/{tile.path()}", encode_bundle(bundle))


def _write(folder: Path, url: str, data: bytes) -> None:
    path = folder / record_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
