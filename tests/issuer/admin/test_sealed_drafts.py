"""A draft whose answers stay sealed until the end."""

import json
from typing import Any

import pytest

from shared.encoding import canonical_json
from shared.manifest import parse_manifest
from tests.issuer.admin.clerk import Clerk
from tests.issuer.office import Office
from tests.samples import sealed

CEREMONY = canonical_json(sealed(b"k" * 32)["sealing"]).decode()
"""What `veche-trustee ceremony` writes."""
AUTOMATIC = canonical_json(
    sealed(b"k" * 32, custodian="automatic", threshold=1, trustees=[])["sealing"]
).decode()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"sealing": "automatic"}, "скрыты от посторонних, но не от оператора"),
        ({"sealing": "trustees", "ceremony": CEREMONY}, "Б. Б. Второй"),
        ({}, "<dd>сразу</dd>"),
    ],
)
def test_a_draft_says_when_the_answers_can_be_read(first: Clerk, chosen: dict[str, Any], said: str) -> None:
    draft_id = first.new_draft()
    assert first.save(draft_id, **chosen).status_code == 303
    assert said in first.get(f"/polls/{draft_id}").text


@pytest.mark.parametrize(
    "pasted",
    ["", "завтра", "{}", CEREMONY[:-1], CEREMONY.replace('"threshold":2', '"threshold":9'), AUTOMATIC],
)
def test_what_is_no_output_of_the_ceremony_is_named(first: Clerk, pasted: str) -> None:
    draft_id = first.new_draft()
    answer = first.save(draft_id, sealing="trustees", ceremony=pasted)
    assert "veche-trustee ceremony" in answer.text
    assert 'href="#ceremony"' in answer.text


def test_a_sealed_draft_becomes_a_sealed_poll(first: Clerk, second: Clerk, office: Office) -> None:
    draft_id = first.new_draft()
    first.save(draft_id, sealing="trustees", ceremony=CEREMONY)
    first.post(f"/polls/{draft_id}/submit")
    second.post(f"/polls/{draft_id}/approve")
    second.post(f"/polls/{draft_id}/publish")
    (manifest,) = office.box.polls.values()
    assert parse_manifest(manifest).manifest.model_dump(mode="json")["sealing"] == json.loads(CEREMONY)
