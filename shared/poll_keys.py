"""The public keys of a poll, parsed once, and what verifies under them (docs/protocol.md 4 and 6).

Keys come from the manifest, never from a ballot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto import ballot_signature, hpke
from crypto.blind_rsa import verifier
from crypto.errors import CryptoError
from crypto.keys import TokenPublicKey, load_token_key
from crypto.signed_note import VerifierKey
from shared.answers import InvalidAnswers, decode_answers
from shared.ballot import Ballot, MalformedBallot, decode_ballot, signed_bytes
from shared.encoding import EncodingRefused, from_b64u
from shared.manifest import BallotBox, Issuer, Manifest, ManifestInvalid, Poll, Sealing
from shared.refusals import (
    AnswersInvalid,
    BallotMalformed,
    BallotSignatureInvalid,
    Refusal,
    TokenInvalid,
)
from shared.token import Token, token_message


@dataclass(frozen=True, slots=True)
class PollKeys:
    """A poll with its issuers' token keys, by manifest index, and its logs' verifier keys."""

    poll: Poll
    token_keys: tuple[TokenPublicKey, ...]
    poll_log: VerifierKey
    issuance_logs: tuple[VerifierKey, ...]

    @classmethod
    def of(cls, poll: Poll) -> "PollKeys":
        """Parse and check the keys of a manifest. Raises ManifestInvalid on one that is unsound."""
        manifest = poll.manifest
        if manifest.sealing:
            _check_sealing_key(manifest.sealing)
        token_keys = tuple(_token_key(issuer) for issuer in manifest.issuers)
        if len({key.n for key in token_keys}) != len(token_keys):
            raise ManifestInvalid("two issuers share a modulus")
        issuance_logs = tuple(_log_key(issuer) for issuer in manifest.issuers)
        return cls(poll, token_keys, _log_key(manifest.ballot_box), issuance_logs)


def verify_ballot(keys: PollKeys, data: bytes) -> Ballot:
    """Decode and verify a ballot's bytes (what the box asks of a ballot at its door).

    Answers are read where they are not sealed; of sealed ones the length is all that can be seen.

    Raises BallotMalformed, TokenInvalid, BallotSignatureInvalid, AnswersInvalid.
    """
    (outcome,) = verify_ballots([(keys, data)])
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def verify_ballots(ballots: Sequence[tuple[PollKeys, bytes]]) -> list[Ballot | Refusal]:
    """`verify_ballot` for several: of each the ballot, or what would be raised.

    Each step for all ballots before the next step: the processor's caches make that a seventh faster.
    """
    outcomes: list[Ballot | Refusal] = []
    for keys, data in ballots:
        try:
            outcomes.append(read_ballot(keys.poll, data))
        except Refusal as refusal:
            outcomes.append(refusal)
    steps: tuple[Callable[[PollKeys, Ballot, bytes], None], ...] = (
        lambda keys, ballot, _: verify_tokens(keys, ballot),
        lambda _, ballot, data: verify_signature(ballot, data),
        lambda keys, ballot, _: _check_answers(keys.poll.manifest, ballot),
    )
    for step in steps:
        for at, (keys, data) in enumerate(ballots):
            ballot = outcomes[at]
            if isinstance(ballot, Ballot):
                try:
                    step(keys, ballot, data)
                except Refusal as refusal:
                    outcomes[at] = refusal
    return outcomes


def read_ballot(poll: Poll, data: bytes) -> Ballot:
    """Decode a ballot of this poll. Raises BallotMalformed (also for another poll or revision)."""
    try:
        ballot = decode_ballot(data)
    except MalformedBallot as malformed:
        raise BallotMalformed(str(malformed)) from None
    if ballot.poll_id != poll.poll_id:
        raise BallotMalformed("of another poll")
    if ballot.revision != 0 and not poll.manifest.revoting:
        raise BallotMalformed("a revision where revoting is off")
    if len(ballot.answers) != poll.manifest.answer_size:
        raise BallotMalformed("answers of another size")
    return ballot


def verify_tokens(keys: PollKeys, ballot: Ballot) -> None:
    """Check for exactly k tokens, ascending by issuer, each valid. Raises TokenInvalid."""
    issuers = [token.issuer for token in ballot.tokens]
    if len(issuers) != keys.poll.manifest.threshold or issuers != sorted(set(issuers)):
        raise TokenInvalid("not exactly k tokens of ascending issuers")
    for token in ballot.tokens:
        _verify_token(keys, token, token_message(ballot.poll_id, ballot.ballot_key))


def verify_signature(ballot: Ballot, data: bytes) -> None:
    """Check the signature at the end of a ballot's bytes. Raises BallotSignatureInvalid."""
    try:
        ballot_signature.verify(ballot.ballot_key, signed_bytes(data), ballot.signature)
    except CryptoError as error:
        raise BallotSignatureInvalid(str(error)) from None


def _check_answers(manifest: Manifest, ballot: Ballot) -> None:
    if manifest.sealing:
        return
    try:
        decode_answers(manifest, ballot.answers)
    except InvalidAnswers as invalid:
        raise AnswersInvalid(str(invalid)) from None


def _verify_token(keys: PollKeys, token: Token, message: bytes) -> None:
    if token.issuer >= len(keys.token_keys):
        raise TokenInvalid("of an unknown issuer")
    try:
        verifier.verify(keys.token_keys[token.issuer], token.prefix + message, token.signature)
    except CryptoError as error:
        raise TokenInvalid(str(error)) from None


def _token_key(issuer: Issuer) -> TokenPublicKey:
    try:
        return load_token_key(from_b64u(issuer.token_key))
    except (EncodingRefused, CryptoError) as error:
        raise ManifestInvalid(f"token key of {issuer.url}: {error}") from None


def _check_sealing_key(sealing: Sealing) -> None:
    try:
        hpke.check_public_key(from_b64u(sealing.public_key))
    except CryptoError as error:
        raise ManifestInvalid(f"sealing key: {error}") from None


def _log_key(service: Issuer | BallotBox) -> VerifierKey:
    try:
        key = VerifierKey.parse(service.log_key)
    except CryptoError as error:
        raise ManifestInvalid(f"log key of {service.url}: {error}") from None
    if key.name != service.log_url.partition("://")[2]:
        raise ManifestInvalid(f"the log key of {service.url} is of another origin")
    return key
