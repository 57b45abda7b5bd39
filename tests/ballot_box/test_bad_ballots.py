"""What is wrong with a ballot is named, and nothing changes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto import ballot_signature
from crypto.ballot_signature import ORDER
from shared.ballot import Ballot, decode_ballot, encode_ballot, signature_message, signed_part
from shared.manifest import Poll
from shared.poll_keys import PollKeys
from shared.token import Token
from tests.ballot_box.box import Box, refusal
from tests.simulator import Election

POINT_OFF_THE_CURVE = b"\x04" + bytes(64)

Change = Callable[[bytes], bytes]

MALFORMED: dict[str, Change] = {
    "nothing": lambda _: b"",
    "text": lambda _: b"my vote is yes",
    "one byte short": lambda ballot: ballot[:-1],
    "one byte long": lambda ballot: ballot + b"\0",
    "twice": lambda ballot: ballot * 2,
    "another label": lambda ballot: ballot.replace(b"/v1\n", b"/v2\n", 1),
    "without its label": lambda ballot: ballot[16:],
    "another poll": lambda ballot: ballot[:16] + bytes(32) + ballot[48:],
    "without tokens": lambda ballot: ballot[:117] + b"\0\0" + ballot[119 + 35 + 256 :],
    "a token cut short": lambda ballot: ballot[:117] + b"\0\x05" + ballot[119 : 119 + 5],
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_a_malformed_ballot_is_refused(box: Box, poll: Poll, defect: str) -> None:
    ballot = MALFORMED[defect](box.ballot(poll))
    assert refusal(box.cast(poll, ballot)) == (422, "ballot-malformed")
    assert box.waiting(poll) == 0


@pytest.mark.attack("A19")
@pytest.mark.parametrize("size", [1, 63, 65, 128])
def test_answers_of_another_size_are_refused(box: Box, poll: Poll, size: int) -> None:
    ballot = box.ballot(poll, raw_answers=b" " * size)
    assert refusal(box.cast(poll, ballot)) == (422, "ballot-malformed")


def test_a_well_signed_revision_is_refused(box: Box, poll: Poll) -> None:
    key = ballot_signature.generate()
    ballot = decode_ballot(box.ballot(poll, key=key))
    part = signed_part(ballot.poll_id, ballot.ballot_key, 1, ballot.tokens, ballot.answers)
    revised = part + ballot_signature.sign(key, signature_message(part))
    assert refusal(box.cast(poll, revised)) == (422, "ballot-malformed")
    assert box.waiting(poll) == 0


@pytest.mark.attack("A1")
def test_a_ballot_for_one_poll_sent_to_another_is_refused(box: Box, poll: Poll) -> None:
    other = box.publish("cd" * 32)
    assert refusal(box.cast(other, box.ballot(poll))) == (422, "ballot-malformed")
    assert box.waiting(other) == 0


@pytest.mark.parametrize("poll_id", ["ab" * 32, "ab", "AB" * 32, "жж"])
def test_a_ballot_for_a_poll_that_is_not_there_is_refused(box: Box, poll: Poll, poll_id: str) -> None:
    path, ballot = f"/polls/{poll_id}/ballots", box.ballot(poll)
    answer = box.http.post(path, data=ballot, content_type="application/octet-stream")
    assert refusal(answer) == (404, "poll-unknown")


@pytest.mark.attack("A1")
def test_a_token_of_a_sibling_poll_is_refused(box: Box, poll: Poll) -> None:
    key, sibling = ballot_signature.generate(), box.publish("cd" * 32)
    token = Election(sibling).token(ballot_signature.public_bytes(key))
    assert box.cast(sibling, box.ballot(sibling, key=key, tokens=(token,))).status_code == 200
    ballot = box.ballot(poll, key=key, tokens=(token,))
    assert refusal(box.cast(poll, ballot)) == (422, "token-invalid")
    assert box.waiting(poll) == 0


@pytest.mark.attack("A1")
def test_a_token_under_a_key_that_is_not_in_the_manifest_is_refused(box: Box, poll: Poll) -> None:
    key = ballot_signature.generate()
    token = Election(poll).token(ballot_signature.public_bytes(key), key=1)
    ballot = box.ballot(poll, key=key, tokens=(token,))
    assert refusal(box.cast(poll, ballot)) == (422, "token-invalid")


@pytest.mark.attack("A12")
def test_a_token_taken_from_another_ballot_is_refused(box: Box, poll: Poll) -> None:
    cast = box.ballot(poll)
    assert box.cast(poll, cast).status_code == 200
    thief = box.ballot(poll, tokens=decode_ballot(cast).tokens)
    assert refusal(box.cast(poll, thief)) == (422, "token-invalid")
    assert box.waiting(poll) == 1


def _plus_modulus(token: Token, n: int) -> bytes:
    return (int.from_bytes(token.signature, "big") + n).to_bytes(257, "big")


TOKENS: dict[str, Callable[[Token, int], tuple[Token, ...]]] = {
    "twice": lambda token, _: (token, token),
    "and one of an unknown issuer": lambda token, _: (token, replace(token, issuer=1)),
    "of an unknown issuer": lambda token, _: (replace(token, issuer=1),),
    "of the last possible issuer": lambda token, _: (replace(token, issuer=255),),
    "with another prefix": lambda token, _: (replace(token, prefix=bytes(32)),),
    "zero": lambda token, _: (replace(token, signature=bytes(256)),),
    "one": lambda token, _: (replace(token, signature=b"\1".rjust(256, b"\0")),),
    "the modulus": lambda token, n: (replace(token, signature=n.to_bytes(256, "big")),),
    "s + n": lambda token, n: (replace(token, signature=_plus_modulus(token, n)),),
    "longer": lambda token, _: (replace(token, signature=b"\0" + token.signature),),
}


@pytest.mark.attack("A30")
@pytest.mark.parametrize("defect", TOKENS)
def test_a_ballot_with_a_wrong_token_is_refused(box: Box, poll: Poll, defect: str) -> None:
    key, n = ballot_signature.generate(), PollKeys.of(poll).token_keys[0].n
    token = Election(poll).token(ballot_signature.public_bytes(key))
    ballot = box.ballot(poll, key=key, tokens=TOKENS[defect](token, n))
    assert refusal(box.cast(poll, ballot)) == (422, "token-invalid")
    assert box.waiting(poll) == 0


SIGNATURES: dict[str, Callable[[Ballot, Ballot], Ballot]] = {
    "high s": lambda ballot, _: replace(ballot, signature=_high(ballot.signature)),
    "of another ballot": lambda ballot, other: replace(ballot, signature=other.signature),
    "zeros": lambda ballot, _: replace(ballot, signature=bytes(64)),
    "answers changed after signing": lambda ballot, other: replace(ballot, answers=other.answers),
}


def _high(signature: bytes) -> bytes:
    return signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


@pytest.mark.attack("A34")
@pytest.mark.parametrize("defect", SIGNATURES)
def test_a_ballot_with_a_wrong_signature_is_refused(box: Box, poll: Poll, defect: str) -> None:
    ballot, other = (
        decode_ballot(box.ballot(poll, {"place": (place,), "trees": ()})) for place in ("river", "school")
    )
    wrong = encode_ballot(SIGNATURES[defect](ballot, other))
    assert refusal(box.cast(poll, wrong)) == (422, "ballot-signature-invalid")
    assert box.waiting(poll) == 0
    assert box.cast(poll, encode_ballot(ballot)).status_code == 200


def test_a_ballot_key_off_the_curve_is_refused(box: Box, poll: Poll) -> None:
    token, point = Election(poll).token(POINT_OFF_THE_CURVE), POINT_OFF_THE_CURVE
    ballot = signed_part(poll.poll_id, point, 0, (token,), b" " * 64) + bytes(64)
    assert refusal(box.cast(poll, ballot)) == (422, "ballot-signature-invalid")


@pytest.mark.attack("A19")
@pytest.mark.attack("A20")
@pytest.mark.parametrize(
    "answers",
    [
        b"",
        b"{}",
        b"river",
        b'{"place":["river"]}',
        b'{"place":[],"trees":[]}',
        b'{"place":["hill"],"trees":[]}',
        b'{"place":["river","school"],"trees":[]}',
        b'{"place":["river"],"trees":["pine","pine"]}',
        b'{"place":["river"],"trees":["birch","pine"]}',
        b'{"place":["river"],"trees":"pine"}',
        b'{"place":["river"],"trees":[] }',
        b'{"place":["river"],"trees":[]}\0',
        b'{"more":[],"place":["river"],"trees":[]}',
        b"\xff" * 64,
    ],
)
def test_answers_that_break_the_rules_are_refused(box: Box, poll: Poll, answers: bytes) -> None:
    ballot = box.ballot(poll, raw_answers=answers.ljust(64))
    assert refusal(box.cast(poll, ballot)) == (422, "answers-invalid")
    assert box.waiting(poll) == 0
