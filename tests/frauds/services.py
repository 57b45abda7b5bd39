"""Crimes with manifest, keys, signatures, catalogue: checks 1 to 5 and 17 to 19."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto import ed25519
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.keys import load_private_key
from shared.catalogue import poll_entry
from shared.encoding import b64u, parse_canonical
from shared.manifest import build_manifest
from shared.publication import encode_signatures, sign_manifest
from tests.frauds.case import crime
from tests.simulator import (
    Election,
    log_key,
    log_record,
    open_election,
    seed,
    sibling_manifest,
    token_key_der,
)


def _spki(n: int, e: int = 65537) -> str:
    key = rsa.RSAPublicNumbers(e, n).public_key()
    return b64u(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _primes(number: int) -> tuple[int, int]:
    numbers = load_private_key(token_key_der(number)).private_numbers()
    return numbers.p, numbers.q


def _republish(election: Election, **issuer: Any) -> None:
    """Publish the poll anew with other members of its issuer, and nothing in the log but the manifest."""
    members = parse_canonical(election.poll.manifest_bytes)
    members["issuers"][0] |= issuer
    election.poll = build_manifest(members)
    election.entries[:] = [election.poll.first_leaf]
    election.issuance.clear()
    election.receipts.clear()
    election.close()


@crime("manifest")
def manifest_under_another_id(election: Election) -> None:
    """The poll is shown under an id that is not its manifest's hash."""
    election.changes = {"poll_url": f"{election.poll.manifest.ballot_box.url}/polls/{'0' * 64}"}


@crime("manifest", attack="A28")
def manifest_changed_after_publication(election: Election) -> None:
    """The manifest's bytes are not those that the issuers signed, and not canonical."""
    election.changes = {"manifest": election.poll.manifest_bytes + b"\n"}


@crime("trust", attack="A38")
def issuer_invented(election: Election) -> None:
    """The manifest's issuer is not the one of the trust root."""
    assert election.trust is not None
    stranger = election.trust.issuers[0].model_copy(update={"statement_key": b64u(bytes(32))})
    election.trust = election.trust.model_copy(update={"issuers": (stranger,)})


@crime("trust", attack="A38")
def box_invented(election: Election) -> None:
    """The manifest's ballot box is not the one of the trust root."""
    assert election.trust is not None
    key = b64u(ed25519.public_key(seed("stranger")))
    stranger = election.trust.ballot_box.model_copy(update={"statement_key": key})
    election.trust = election.trust.model_copy(update={"ballot_box": stranger})


@crime("trust")
def client_invented(election: Election) -> None:
    """The manifest sends voters to another client."""
    assert election.trust is not None
    election.trust = election.trust.model_copy(update={"client": "http://evil.example"})


@crime("manifest-signatures")
def manifest_signed_by_a_stranger(election: Election) -> None:
    """The manifest bears the signature of another key."""
    election.issuer_seed = seed("stranger")


@crime("manifest-signatures")
def manifest_not_signed(election: Election) -> None:
    """No issuer signed the manifest."""
    election.changes = {"signatures": encode_signatures([])}


@crime("manifest-signatures")
def manifest_signature_of_another_poll(election: Election) -> None:
    """The signature is the issuer's, on the manifest of another poll."""
    other = build_manifest(parse_canonical(sibling_manifest(election.poll)))
    election.changes = {"signatures": encode_signatures([sign_manifest(election.issuer_seed, other, 0)])}


@crime("parameters", start=open_election, attack="A7")
def token_key_with_exponent_three(election: Election) -> None:
    """The token key's exponent is 3."""
    p, q = _primes(0)
    _republish(election, token_key=_spki(p * q, 3))


@crime("parameters", start=open_election, attack="A7")
def token_key_too_short(election: Election) -> None:
    """The token key has 1024 bits."""
    _republish(election, token_key=_spki(_primes(0)[0]))


@crime("parameters", start=open_election, attack="A7")
def token_key_with_a_small_factor(election: Election) -> None:
    """The token key's modulus is divisible by 3."""
    p, q = _primes(0)
    _republish(election, token_key=_spki((p * q // 3 | 1) // 3 * 9))


@crime("parameters", start=open_election)
def log_key_of_another_origin(election: Election) -> None:
    """The issuance log's key is named for another log."""
    _republish(election, log_key=log_key("http://other.example/log", seed("issuer log")))


@crime("checkpoint")
def checkpoint_signed_by_a_stranger(election: Election) -> None:
    """The poll log's checkpoint bears the signature of another key."""
    election.box_log_seed = seed("stranger")
    election.seen, election.cosigned_at = [], None


@crime("checkpoint")
def checkpoint_of_another_origin(election: Election) -> None:
    """The checkpoint names another log."""
    log = election.record().poll_log
    head = Checkpoint("other.example/log", len(log.entries), election.root())
    note = sign_checkpoint(head, election.box_log_seed)
    election.changes = {"poll_log": replace(log, checkpoint=note)}


@crime("other-polls", attack="A1")
def token_key_of_another_poll(election: Election) -> None:
    """The token key serves in two polls."""
    key = election.poll.manifest.issuers[0].token_key
    election.others = [sibling_manifest(election.poll, token_key=key)]


@crime("other-polls", attack="A1")
def log_key_of_another_poll(election: Election) -> None:
    """The issuance log's key serves in two polls."""
    key = election.poll.manifest.issuers[0].log_key
    election.others = [sibling_manifest(election.poll, log_key=key)]


@crime("other-polls")
def token_key_with_a_prime_of_another(election: Election) -> None:
    """Two polls' moduli share a prime, so that anybody can factor both."""
    election.others = [sibling_manifest(election.poll, token_key=_spki(_primes(0)[0] * _primes(2)[1]))]


@crime("witnesses")
def cosigned_too_late(election: Election) -> None:
    """The witness saw the final checkpoint after `include_by`."""
    election.cosigned_at = election.poll.manifest.include_by + timedelta(seconds=1)


@crime("witnesses")
def cosigned_by_nobody(election: Election) -> None:
    """No witness ever saw the final checkpoint."""
    election.changes = {"poll_log": replace(election.record().poll_log, checkpoint=election.checkpoint())}


@crime("witnesses")
def issuances_cosigned_by_nobody(election: Election) -> None:
    """No witness ever saw the issuer's log: others may have been shown another one."""
    (log,) = election.record().issuance_logs
    alone = log_record(log.url, list(log.entries), election.issuer_log_seed)
    election.changes = {"issuance_logs": (alone,)}


@crime("witnesses")
def cosigned_by_a_stranger(election: Election) -> None:
    """The cosignature is by another key under the witness's name."""
    election.witness_seed = seed("stranger")


@crime("catalogue", attack="A32")
def poll_shown_to_some_residents_only(election: Election) -> None:
    """The poll is not in the catalogue; what the box gives as proof is that of another entry."""
    election.changes = {"catalogue_proof": election.catalogue_proof(b"some other poll")}


@crime("catalogue", attack="A32")
def poll_without_a_proof(election: Election) -> None:
    """The box shows no proof that the poll is in the catalogue."""
    election.changes = {"catalogue_proof": b""}


@crime("catalogue")
def catalogue_of_a_stranger(election: Election) -> None:
    """The catalogue's checkpoint is signed by a key that the trust root does not name."""
    election.catalogue_seed = seed("stranger")


@crime("catalogue")
def signatures_swapped_after_the_catalogue(election: Election) -> None:
    """The catalogue holds the manifest with other signatures than those shown."""
    entry = poll_entry(election.poll.manifest_bytes, encode_signatures([]))
    election.changes = {"catalogue_proof": election.catalogue_proof(entry)}
