"""The shared vectors, judged by Python. The web client judges the same files."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from crypto.merkle import leaf_hash
from shared.ballot import decode_ballot
from shared.count import count_answers
from shared.encoding import from_b64u
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import ManifestInvalid, parse_manifest
from shared.poll_keys import PollKeys, verify_ballot
from shared.publication import ManifestSignature, verify_manifest_signatures
from shared.receipt import verify_receipt
from shared.refusals import Refusal
from shared.result import result_statement, verify_result
from shared.sealing import OpeningInvalid, answers_reader, parse_opening, verify_opening
from shared.statements import StatementInvalid, parse_statement, verify_statement
from shared.token import token_message

pytestmark = pytest.mark.vectors


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((Path(__file__).parent / name).read_text("utf-8"))["cases"]
    return cases


@pytest.mark.parametrize("case", _cases("manifest.json"), ids=lambda case: case["why"] or "valid")
def test_manifest(case: dict[str, Any]) -> None:
    data = from_b64u(case["manifest"])
    if not case["valid"]:
        with pytest.raises(ManifestInvalid):
            parse_manifest(data)
        return
    poll = parse_manifest(data)
    assert poll.poll_id.hex() == case["poll_id"]
    signatures = [ManifestSignature(s["issuer"], from_b64u(s["signature"])) for s in case["signatures"]]
    verify_manifest_signatures(poll, signatures)


@pytest.mark.parametrize("case", _cases("ballot.json"), ids=lambda case: case["reason"] or "valid")
def test_ballot(case: dict[str, Any]) -> None:
    keys, data = PollKeys.of(parse_manifest(from_b64u(case["manifest"]))), from_b64u(case["ballot"])
    assert leaf_hash(data).hex() == case["leaf_hash"]
    if case["valid"]:
        verify_ballot(keys, data)
        key = from_b64u(case["box_statement_key"])
        verify_receipt(key, keys.poll.poll_id, leaf_hash(data), from_b64u(case["receipt"]))
        return
    with pytest.raises(Refusal) as refused:
        verify_ballot(keys, data)
    assert refused.value.slug == case["reason"]


@pytest.mark.parametrize("case", _cases("sealing.json"))
def test_sealing(case: dict[str, Any]) -> None:
    poll, opening = parse_manifest(from_b64u(case["manifest"])), parse_opening(from_b64u(case["opening"]))
    verify_opening(poll, opening)
    for wrong in case["wrong_openings"]:
        with pytest.raises(OpeningInvalid):
            verify_opening(poll, parse_opening(from_b64u(wrong)))
    read = answers_reader(poll, opening)
    assert read is not None
    for one in case["ballots"]:
        assert read(decode_ballot(from_b64u(one["ballot"]))) == from_b64u(one["answers"] or "")


@pytest.mark.parametrize("case", _cases("statements.json"))
def test_statements(case: dict[str, Any]) -> None:
    poll = parse_manifest(from_b64u(case["manifest"]))
    manifest, poll_id = poll.manifest, poll.poll_id
    assert token_message(poll_id, from_b64u(case["ballot_key"])) == from_b64u(case["token_message"])
    leaf = issuance_leaf(
        poll_id, from_b64u(case["pseudonym"]), from_b64u(case["nonce"]), from_b64u(case["blinded_message"])
    )
    assert leaf == from_b64u(case["issuance_leaf"])
    verify_promise(from_b64u(manifest.issuers[0].statement_key), poll_id, leaf, from_b64u(case["promise"]))
    result = from_b64u(case["result"])
    verify_result(from_b64u(manifest.ballot_box.statement_key), result, from_b64u(case["result_signature"]))
    head = json.loads(result)["checkpoint"]
    count = count_answers(manifest, [from_b64u(field) for field in case["answers"]])
    assert result == result_statement(poll_id, count, size=head["size"], root=bytes.fromhex(head["root"]))


@pytest.mark.parametrize("case", _cases("issuers_say.json"))
def test_what_issuers_say(case: dict[str, Any]) -> None:
    poll = parse_manifest(from_b64u(case["manifest"]))
    for one in case["statements"]:
        said = parse_statement(one["kind"], from_b64u(one["statement"]))
        with nullcontext() if one["valid"] else pytest.raises(StatementInvalid):
            verify_statement(poll, said)
