"""Write the vectors that Python and TypeScript share: `python -m tests.vectors.generate`.

Keys and blindings are fresh on every run, so the files change; what they assert does not. TEST KEYS, all.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crypto import ballot_signature, ed25519
from crypto.merkle import leaf_hash
from shared.answers import encode_answers
from shared.ballot import decode_ballot, encode_ballot, signature_message, signed_part
from shared.count import count_answers
from shared.encoding import b64u, canonical_json
from shared.issuance_promise import issuance_leaf, sign_promise
from shared.manifest import Poll
from shared.publication import sign_manifest
from shared.receipt import sign_receipt
from shared.result import result_statement, sign_result
from shared.statements import KINDS, Statement
from shared.token import Token, token_message
from tests.samples import LOG_PATH, ranked_and_scored, sealed
from tests.simulator import ANSWERS, Election, log_key, open_election, seed, token_key

FOLDER = Path(__file__).parent
RANKED_AND_SCORED = (
    {"order": ("larch", "pine"), "marks": (5, 0, 3)},
    {"order": ("birch",), "marks": ()},
    {"order": ("pine", "birch", "larch"), "marks": (1, 2, 3)},
    {"order": (), "marks": (0, 0, 5)},
)


def main() -> None:
    """Write every file."""
    election = open_election()
    _write("manifest.json", _manifest_cases(election))
    _write("ballot.json", _ballot_cases(election) + _quorum_cases(_joint(election)))
    _write("issuers_say.json", _issuers_say_cases(_joint(election)))
    _write("sealing.json", _sealing_cases(open_election(**sealed(seed("sealing")), revoting=True)))
    other = open_election(**ranked_and_scored())
    _write(
        "statements.json", _statement_cases(election, ANSWERS) + _statement_cases(other, RANKED_AND_SCORED)
    )


def _write(name: str, cases: list[dict[str, Any]]) -> None:
    (FOLDER / name).write_text(json.dumps({"cases": cases}, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _manifest_cases(election: Election) -> list[dict[str, Any]]:
    good = json.loads(election.poll.manifest_bytes)
    automatic = {"custodian": "automatic", "threshold": 1, "trustees": []}
    cases = [
        _manifest_case(election, canonical_json(members), "")
        for members in (
            good,
            good | sealed(election.sealing_key),
            good | sealed(election.sealing_key, **automatic),
        )
    ]
    broken: dict[str, Any] = {
        "an unknown member": good | {"extra": 1},
        "another format": good | {"format": "veche/manifest/v2"},
        "a wrong answer_size": good | {"answer_size": 128},
        "threshold above the issuers": good | {"threshold": 2},
        "2k > n + f broken": good | {"faulty": 1},
        "closes before it opens": good | {"closes_at": good["opens_at"]},
        "a bidirectional control": good | {"contact": "a\u202eb"},
        "a control character": good | {"contact": "a\u0007b"},
        "an empty text": good | {"title": good["title"] | {"en": ""}},
        "a language without texts": good | {"languages": ["ru"]},
        "no territory": good | {"territory": []},
        "a time with an offset": good | {"opens_at": "2026-11-01T07:00:00+07:00"},
        "sealed for nobody": good | {"result_mode": "sealed"},
        "a sealing of an open poll": good | {"sealing": sealed(election.sealing_key)["sealing"]},
        "sealed with a threshold of one": good | sealed(election.sealing_key, threshold=1),
        "sealed with a threshold above the trustees": good | sealed(election.sealing_key, threshold=4),
        "sealed with a trustee twice": good | sealed(election.sealing_key, trustees=["А", "А", "Б"]),
        "sealed for an automatic custodian with trustees": good
        | sealed(election.sealing_key, custodian="automatic"),
        "sealed for a compressed point": good
        | sealed(election.sealing_key, public_key=b64u(b"\x02" + bytes(64))),
        "sealed with another suite": good | sealed(election.sealing_key, suite="X25519"),
        "sealed without room for it": good | sealed(election.sealing_key) | {"answer_size": 64},
        "a kind that nobody knows": _with_question(good, kind="approval"),
        "a scale with one end": _with_question(good, kind="score", min=2, max=2),
        "a scale beyond ten": _with_question(good, kind="score", min=0, max=11),
        "a log outside of the service": good
        | {"ballot_box": good["ballot_box"] | {"log_url": "http://x.example/log/" + "0" * 32}},
        "a service url with a slash": good | {"client": good["client"] + "/"},
        "a url of more than 200 characters": good | {"client": f"http://{'a' * 200}"},
        "a year before the first": good | {"issuance_opens_at": "0000-01-01T00:00:00Z"},
        "a title of two lines": good | {"title": good["title"] | {"en": "Where\nto"}},
        "a batch of none": good | {"batch": {"floor": 0, "longest_wait": 1}},
        "disputes of more than ten years": good | {"dispute_days": 3651},
    }
    for name, change in {"an option twice": ("options", "river"), "a maximum too high": ("max", 9)}.items():
        members = copy.deepcopy(good)
        if change[0] == "max":
            members["questions"][1]["max"] = change[1]
        else:
            members["questions"][0]["options"][1]["id"] = change[1]
        broken[name] = members
    missing = {name: value for name, value in good.items() if name != "contact"}
    broken["a missing member"] = missing
    cases += [_manifest_case(election, canonical_json(members), why) for why, members in broken.items()]
    spaced = json.dumps(good, ensure_ascii=False, sort_keys=True).encode()
    return [*cases, _manifest_case(election, spaced, "not canonical")]


def _with_question(members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *rest = members["questions"]
    return members | {"questions": [first | changes, *rest]}


def _manifest_case(election: Election, data: bytes, why: str) -> dict[str, Any]:
    poll = Poll(election.poll.manifest, data)
    signature = sign_manifest(election.issuer_seed, poll, 0)
    return {
        "manifest": b64u(data),
        "poll_id": poll.poll_id.hex(),
        "valid": not why,
        "why": why,
        "signatures": [{"issuer": 0, "signature": b64u(signature.signature)}],
    }


def _ballot_cases(election: Election) -> list[dict[str, Any]]:
    cases = [_ballot_case(election, election.ballot(answers), None) for answers in ANSWERS]
    key = ballot_signature.generate()
    public = ballot_signature.public_bytes(key)
    token = election.token(public)
    data = election.ballot(ANSWERS[0], key=key, tokens=(token,))
    ballot = decode_ballot(data)

    def signed(**changes: Any) -> bytes:
        changed = replace(ballot, **changes)
        part = signed_part(changed.poll_id, public, changed.revision, changed.tokens, changed.answers)
        return part + ballot_signature.sign(key, signature_message(part))

    r, s = data[-64:-32], int.from_bytes(data[-32:], "big")
    stranger = ballot_signature.public_bytes(ballot_signature.generate())
    sibling = open_election(contact="Другой").poll
    nowhere = ballot.answers.replace(b"river", b"nowhe")
    bad: list[tuple[bytes, str]] = [
        (data[:-1], "ballot-malformed"),
        (data + b"\0", "ballot-malformed"),
        (b"V" + data[1:], "ballot-malformed"),
        (signed(poll_id=bytes(32)), "ballot-malformed"),
        (signed(revision=1), "ballot-malformed"),
        (signed(answers=ballot.answers + b" "), "ballot-malformed"),
        (signed(tokens=(token, token)), "token-invalid"),
        (signed(tokens=(replace(token, issuer=1),)), "token-invalid"),
        (signed(tokens=(replace(token, prefix=bytes(32)),)), "token-invalid"),
        (signed(tokens=(election.token(stranger),)), "token-invalid"),
        (signed(tokens=(election.token(public, poll=sibling),)), "token-invalid"),
        (data[:-64] + bytes(64), "ballot-signature-invalid"),
        (data[:-64] + r + (ballot_signature.ORDER - s).to_bytes(32, "big"), "ballot-signature-invalid"),
        (encode_ballot(replace(ballot, answers=nowhere)), "ballot-signature-invalid"),
        (signed(answers=b'{"place":["moon"],"trees":[]}'.ljust(64)), "answers-invalid"),
        (signed(answers=b'{"place":[],"trees":[]}'.ljust(64)), "answers-invalid"),
        (signed(answers=b'{"place":["river"],"trees":["larch","pine"]}'.ljust(64)), "answers-invalid"),
        (signed(answers=b'{"trees":[],"place":["river"]}'.ljust(64)), "answers-invalid"),
    ]  # fmt: skip
    return cases + [_ballot_case(election, changed, reason) for changed, reason in bad]


def _joint(election: Election) -> Election:
    """A poll of three issuers, two of whom must sign."""
    issuers = [
        json.loads(election.poll.manifest_bytes)["issuers"][0]
        | {
            "url": (url := f"http://127.0.0.3:800{number}"),
            "statement_key": b64u(ed25519.public_key(seed(f"statement {number}"))),
            "token_key": b64u(token_key(number).der),
            "log_url": url + LOG_PATH,
            "log_key": log_key(url + LOG_PATH, seed(f"log {number}")),
        }
        for number in range(3)
    ]
    return open_election(issuers=issuers, threshold=2)


def _quorum_cases(joint: Election) -> list[dict[str, Any]]:
    """Ballots of a joint poll: exactly two tokens, ascending."""
    key = ballot_signature.generate()
    public = ballot_signature.public_bytes(key)
    first, second, third = (replace(joint.token(public, key=number), issuer=number) for number in range(3))
    verdicts: list[tuple[tuple[Token, ...], str | None]] = [
        ((first, second), None),
        ((first, third), None),
        ((second, third), None),
        ((first,), "token-invalid"),
        ((first, second, third), "token-invalid"),
        ((second, first), "token-invalid"),
        ((second, second), "token-invalid"),
        ((first, replace(first, issuer=1)), "token-invalid"),
    ]
    return [
        _ballot_case(joint, joint.ballot(ANSWERS[0], key=key, tokens=tokens), reason)
        for tokens, reason in verdicts
    ]


def _ballot_case(election: Election, data: bytes, reason: str | None) -> dict[str, Any]:
    return {
        "manifest": b64u(election.poll.manifest_bytes),
        "poll_id": election.poll.poll_id.hex(),
        "ballot": b64u(data),
        "leaf_hash": leaf_hash(data).hex(),
        "valid": reason is None,
        "reason": reason,
        "box_statement_key": election.poll.manifest.ballot_box.statement_key,
        "receipt": b64u(
            sign_receipt(ed25519.signer(election.box_seed), election.poll.poll_id, leaf_hash(data))
        ),
    }


def _sealing_cases(election: Election) -> list[dict[str, Any]]:
    """Ballots of a sealed poll, and what they open to; null: they do not."""
    cases: list[tuple[bytes, str | None]] = []
    for number, answers in enumerate(ANSWERS):
        data = election.ballot(answers, revision=number)
        cases.append((data, b64u(encode_answers(election.poll.manifest, answers))))
    moved = replace(decode_ballot(data), revision=9)
    cases.append((encode_ballot(moved), None))
    cases.append((encode_ballot(replace(moved, answers=bytes(145))), None))
    opening, other = election.opening, replace(election.opening, private_key=seed("stranger"))
    return [{
        "manifest": b64u(election.poll.manifest_bytes),
        "opening": b64u(opening.encoded),
        "wrong_openings": [b64u(one.encoded) for one in (other, replace(opening, poll_id=bytes(32)))],
        "ballots": [{"ballot": b64u(data), "answers": answers} for data, answers in cases],
    }]  # fmt: skip


def _statement_cases(election: Election, all_answers: Sequence[Any]) -> list[dict[str, Any]]:
    poll_id, public = election.poll.poll_id, ballot_signature.public_bytes(ballot_signature.generate())
    pseudonym, nonce, blinded = seed("pseudonym"), seed("nonce"), bytes(range(256))
    leaf = issuance_leaf(poll_id, pseudonym, nonce, blinded)
    answers = [decode_ballot(election.ballot(answers)).answers for answers in all_answers]
    count = count_answers(election.poll.manifest, answers)
    result = result_statement(poll_id, count, size=6, root=seed("root"))
    return [{
        "manifest": b64u(election.poll.manifest_bytes),
        "ballot_key": b64u(public),
        "token_message": b64u(token_message(poll_id, public)),
        "pseudonym": b64u(pseudonym),
        "nonce": b64u(nonce),
        "blinded_message": b64u(blinded),
        "issuance_leaf": b64u(leaf),
        "promise": b64u(sign_promise(election.issuer_seed, poll_id, leaf)),
        "answers": [b64u(field) for field in answers],
        "result": b64u(result),
        "result_signature": b64u(sign_result(election.box_seed, result)),
    }]  # fmt: skip


def _issuers_say_cases(joint: Election) -> list[dict[str, Any]]:
    """Cancellations and decisions of a joint poll: at least two of its issuers sign, each once, ascending."""
    poll = joint.poll
    text = {"ru": "Так решил совет", "en": "So the council decided"}
    cases: list[dict[str, Any]] = []
    for kind in KINDS:
        unsigned = Statement(kind, poll.poll_id, text)
        signed = unsigned
        for number in range(3):
            signed = signed.signed(seed(f"statement {number}"), number)
        first, second, third = signed.signatures
        other = unsigned.signed(seed("statement 2"), 0).signatures[0]
        verdicts = (
            ((first, second), True),
            ((first, third), True),
            ((first, second, third), True),
            ((), False),
            ((first,), False),
            ((first, first), False),
            ((second, first), False),
            ((first, first, second), False),
            ((other, second), False),
            ((first, second, replace(third, issuer=3)), False),
            ((first, replace(third, issuer=1), third), False),
        )
        cases += [
            {
                "kind": kind,
                "issuers": [entry.issuer for entry in signatures],
                "statement": b64u(replace(unsigned, signatures=signatures).encoded),
                "valid": valid,
            }
            for signatures, valid in verdicts
        ]
    return [{"manifest": b64u(poll.manifest_bytes), "statements": cases}]


if __name__ == "__main__":
    main()
