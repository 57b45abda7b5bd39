"""The self-check: who sees what, for how long, and that the evidence is evidence."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from crypto.checkpoint import open_checkpoint
from crypto.merkle import leaf_hash, verify_inclusion
from crypto.signed_note import VerifierKey
from issuer.archive import archive_due
from issuer.self_check import tables
from issuer.self_check.store import LIFE, purge
from shared.db import Busy, read
from shared.encoding import canonical_json, from_b64u
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import Poll, parse_manifest
from tests.issuer.oauth.town import Town
from tests.issuer.self_check.check import (
    START,
    Visitor,
    give_token,
    give_tokens_to_others,
    issued,
    publish_batch,
)

RESIDENT = "barnaul-1"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path, changes={"publish_every": 60})


def parts_of(town: Town, poll: Poll) -> dict[str, Any]:
    """The evidence file of the resident, parsed; it is canonical."""
    visitor = Visitor(town)
    visitor.sign_in(RESIDENT)
    answer = visitor.evidence(poll)
    assert answer.status_code == 200
    parts: dict[str, Any] = answer.json()
    assert canonical_json(parts) == answer.content
    return parts


def leaf_of(parts: dict[str, Any], poll: Poll) -> bytes:
    values = [from_b64u(parts[name]) for name in ("pseudonym", "nonce", "blinded_message")]
    return issuance_leaf(poll.poll_id, *values)


def test_a_resident_sees_in_which_polls_a_token_was_issued(town: Town) -> None:
    give_token(town, RESIDENT, town.barnaul)
    page = Visitor(town).sign_in(RESIDENT)
    assert page.status_code == 200
    assert issued(page) == [town.barnaul.poll_id.hex()]
    assert "Бюллетень на ваше имя не выдавали" in page.text


@pytest.mark.attack("A45")
def test_another_resident_sees_nothing_of_it(town: Town) -> None:
    give_token(town, RESIDENT, town.barnaul)
    visitor = Visitor(town)
    assert issued(visitor.sign_in("barnaul-2")) == []
    assert visitor.evidence(town.barnaul).status_code == 404


def test_the_evidence_proves_the_leaf_under_the_signed_checkpoint(town: Town) -> None:
    message = give_token(town, RESIDENT, town.barnaul)
    give_tokens_to_others(town, town.barnaul, 6)
    publish_batch(town)
    parts, poll = parts_of(town, town.barnaul), town.barnaul
    assert parse_manifest(from_b64u(parts["manifest"])) == poll
    assert from_b64u(parts["blinded_message"]) == message
    issuer, leaf = poll.manifest.issuers[parts["issuer"]], leaf_of(parts, poll)
    verify_promise(from_b64u(issuer.statement_key), poll.poll_id, leaf, from_b64u(parts["promise"]))
    head = open_checkpoint(from_b64u(parts["checkpoint"]), VerifierKey.parse(issuer.log_key))
    proof = [bytes.fromhex(step) for step in parts["proof"]]
    assert head.size == 7
    verify_inclusion(parts["index"], head.size, leaf_hash(leaf), proof, head.root)


def test_before_its_batch_the_promise_is_the_evidence(town: Town) -> None:
    give_token(town, RESIDENT, town.barnaul)
    parts = parts_of(town, town.barnaul)
    assert parts["index"] is parts["proof"] is None
    key = from_b64u(town.barnaul.manifest.issuers[0].statement_key)
    leaf = leaf_of(parts, town.barnaul)
    verify_promise(key, town.barnaul.poll_id, leaf, from_b64u(parts["promise"]))
    assert "появится в открытом журнале" in Visitor(town).sign_in(RESIDENT).text


def test_the_page_says_what_is_proven_and_what_is_not(town: Town) -> None:
    page = Visitor(town).sign_in(RESIDENT)
    assert "Чего это не доказывает" in page.text
    assert "один регистратор не может доказать" in page.text
    english = Visitor(town).browser.get(f"{START}?lang=en").text
    assert "What this does not prove" in english


def test_after_the_archive_there_is_nothing_to_see(town: Town) -> None:
    give_token(town, RESIDENT, town.barnaul)
    visitor = Visitor(town)
    visitor.sign_in(RESIDENT)
    town.watch.now = archive_due(town.barnaul)
    town.office.worker.step()
    page = Visitor(town).sign_in(RESIDENT)
    assert issued(page) == []
    assert town.barnaul.manifest.title["ru"] not in page.text


def test_an_archive_that_is_held_up_holds_up_no_self_check(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_token(town, RESIDENT, town.barnaul)
    town.watch.now = archive_due(town.barnaul)
    monkeypatch.setattr("issuer.archive.sweep", _busy)
    town.office.worker.step()
    page = Visitor(town).sign_in(RESIDENT)
    assert page.status_code == 200
    assert town.barnaul.manifest.title["ru"] not in page.text


def _busy(_engine: Engine) -> None:
    raise Busy


@pytest.mark.parametrize("person", ["unconfirmed", "deleted"])
def test_an_account_that_esia_does_not_vouch_for_sees_nothing(town: Town, person: str) -> None:
    visitor = Visitor(town)
    page = visitor.sign_in(person)
    assert page.status_code == 403
    assert issued(page) == []
    assert not page.url.query, "ESIA's code names the account"
    english = visitor.browser.get(f"{page.url}?lang=en")
    assert "account is" in english.text


def test_a_cancelled_sign_in_leads_back_to_the_start(town: Town) -> None:
    page = Visitor(town).sign_in("")
    assert (page.status_code, page.url.path) == (200, "/self-check")


def test_a_silent_esia_is_said_to_be_silent(town: Town) -> None:
    visitor = Visitor(town)
    address = visitor.at_esia(visitor.begin(), RESIDENT)
    town.stand_down = True
    page = visitor.arrive(address)
    assert (page.status_code, page.url.query) == (503, b"")


@pytest.mark.faults
def test_an_answer_of_esia_is_taken_once_and_by_its_browser_alone(town: Town) -> None:
    visitor, stranger = Visitor(town), Visitor(town)
    address = visitor.at_esia(visitor.begin(), RESIDENT)
    stranger.begin()
    assert stranger.arrive(address).status_code == 403
    assert visitor.arrive(address).status_code == 200
    assert visitor.arrive(address).status_code == 403


def test_without_a_sign_in_nothing_is_shown(town: Town) -> None:
    give_token(town, RESIDENT, town.barnaul)
    for path in ("result", f"evidence/{town.barnaul.poll_id.hex()}.json", "evidence/nonsense.json"):
        assert Visitor(town).browser.get(f"{START}/{path}").status_code in (403, 404)


def test_what_was_learnt_is_forgotten_in_minutes_and_at_once_when_asked(town: Town) -> None:
    visitor = Visitor(town)
    visitor.sign_in(RESIDENT)
    assert rows(town) > 0
    visitor.browser.post(f"{START}/end", [])
    assert rows(town) == 0
    Visitor(town).sign_in(RESIDENT)
    town.watch.now += LIFE + timedelta(seconds=1)
    purge(town.office.engine, town.watch.now)
    assert rows(town) == 0


def test_nothing_but_pseudonyms_is_kept(town: Town) -> None:
    page = Visitor(town).sign_in(RESIDENT)
    assert page.headers["Cache-Control"] == "no-store"
    with read(town.office.engine) as conn:
        kept = conn.execute(select(tables.self_check_poll)).all()
    assert {row.poll_id for row in kept} == {town.barnaul.poll_id, town.region.poll_id}
    assert {len(row.pseudonym) for row in kept} == {32}


def rows(town: Town) -> int:
    with read(town.office.engine) as conn:
        return sum(
            conn.scalar(select(func.count()).select_from(table)) or 0
            for table in (tables.self_check, tables.self_check_poll)
        )
