"""From draft to publication: two people, one poll, nothing lost."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from issuer import store
from issuer.admin import drafts
from issuer.admin.refusals import ActNotPossible, ChangedMeanwhile, OfficialNotAllowed, OwnWork
from issuer.draft import Draft
from issuer.hsm import HsmUnavailable
from issuer.keys import KeyStore, PublicKeys
from issuer.polls import open_polls
from issuer.publication import Publisher
from issuer.statements import Speaker
from shared.db import read
from shared.manifest import Poll
from shared.statements import parse_statement
from tests.issuer.admin.clerk import BARNAUL, BIYSK, Clerk, heading, typed
from tests.issuer.admin.conftest import Hire
from tests.issuer.office import Office


def approved(first: Clerk, second: Clerk) -> str:
    draft_id = first.new_draft()
    assert first.post(f"/polls/{draft_id}/submit").status_code == 303
    assert second.post(f"/polls/{draft_id}/approve").status_code == 303
    return draft_id


def texts(clerk: Clerk, draft_id: str) -> list[str]:
    return [question.get("text_ru") or "" for question in clerk.draft(draft_id).content["questions"]]


def polls_of(office: Office) -> int:
    with read(office.engine) as conn:
        return len(store.all_polls(conn))


def test_a_draft_keeps_what_was_typed_and_names_each_mistake(first: Clerk) -> None:
    draft_id = first.new_draft()
    wrong: dict[str, Any] = {"minimum_age": "двадцать", "questions-0-options_ru": "Один", "contact": ""}
    answer = first.save(draft_id, **wrong)
    assert answer.status_code == 422
    for text in ("двадцать", "Один", "Укажите целое число от 14 до 120.", "Нужно хотя бы два варианта"):
        assert text in answer.text
    assert 'id="contact-mistake"' in answer.text
    assert first.draft(draft_id).content["minimum_age"] == "двадцать"
    assert first.post(f"/polls/{draft_id}/submit").status_code == 422
    assert first.draft(draft_id).stage == "draft"


@pytest.mark.attack("A46")
def test_nobody_reviews_their_own_work(first: Clerk) -> None:
    draft_id = first.new_draft()
    first.post(f"/polls/{draft_id}/submit")
    for act in ("approve", "return"):
        answer = first.post(f"/polls/{draft_id}/{act}", reason="Исправить")
        assert (answer.status_code, heading(answer)) == (403, OwnWork.ru[0])
    assert first.draft(draft_id).stage == "review"


def test_a_second_pair_of_eyes_and_one_poll(first: Clerk, second: Clerk, office: Office) -> None:
    draft_id = approved(first, second)
    assert second.post(f"/polls/{draft_id}/publish").status_code == 303
    draft = first.draft(draft_id)
    assert (draft.stage, polls_of(office)) == ("published", 1)
    assert draft.poll_id is not None
    page = first.get(f"/polls/published/{draft.poll_id.hex()}")
    assert heading(page) == "Где быть скверу"


def test_an_operator_may_review(first: Clerk, employ: Hire) -> None:
    draft_id = first.new_draft()
    first.post(f"/polls/{draft_id}/submit")
    assert employ("operator").post(f"/polls/{draft_id}/approve").status_code == 303


def test_while_the_box_does_not_answer_the_poll_waits_and_never_becomes_two(
    first: Clerk, second: Clerk, office: Office
) -> None:
    draft_id = approved(first, second)
    office.box.lose_reply_to = "PUT"
    second.post(f"/polls/{draft_id}/publish")
    assert first.draft(draft_id).stage == "publishing"
    assert "Ещё не доставлено" in first.get(f"/polls/{draft_id}").text
    second.post(f"/polls/{draft_id}/publish")
    office.box.lose_reply_to = ""
    office.new_press().finish(office.watch())
    office.new_press().finish(office.watch())
    assert first.draft(draft_id).stage == "published"
    assert (len(office.box.polls), polls_of(office)) == (1, 1)


def test_what_the_box_refuses_comes_back_with_the_reason(first: Clerk, second: Clerk, office: Office) -> None:
    draft_id = approved(first, second)
    office.box.refuse = 422
    second.post(f"/polls/{draft_id}/publish")
    draft = first.draft(draft_id)
    assert draft.stage == "draft"
    assert "manifest-refused" in draft.note


def test_an_unchanged_duplicate_is_not_published_twice(first: Clerk, second: Clerk, office: Office) -> None:
    draft_id, copy = approved(first, second), "c" * 32
    first.post(f"/polls/{draft_id}/duplicate", new_id=copy)
    second.post(f"/polls/{draft_id}/publish")
    first.post(f"/polls/{copy}/submit")
    second.post(f"/polls/{copy}/approve")
    second.post(f"/polls/{copy}/publish")
    assert first.draft(copy).stage == "draft"
    assert "уже опубликовано" in first.draft(copy).note
    assert polls_of(office) == 1


def test_one_publication_that_breaks_down_does_not_hold_up_the_others(
    first: Clerk, second: Clerk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.box.down = True
    ordered = sorted(approved(first, second) for _ in range(2))
    for number, draft_id in enumerate(ordered):
        first.post(f"/polls/{draft_id}/withdraw")
        first.save(draft_id, title_ru=f"Голосование {number}")
        first.post(f"/polls/{draft_id}/submit")
        second.post(f"/polls/{draft_id}/approve")
        second.post(f"/polls/{draft_id}/publish")
    office.box.down = False
    publish = Publisher.publish

    def break_down(self: Publisher, draft: Draft, now: datetime) -> Poll:
        if draft.title["ru"].endswith("0"):
            raise RuntimeError
        return publish(self, draft, now)

    monkeypatch.setattr(Publisher, "publish", break_down)
    office.new_press().finish(office.watch())
    assert [first.draft(draft_id).stage for draft_id in ordered] == ["publishing", "published"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("closes_at", "9999-12-31T23:59"), ("minimum_participants", "0" * 5000), ("minimum_age", "0" * 13)],
)
def test_numbers_and_times_beyond_measure_are_mistakes_like_others(
    first: Clerk, field: str, value: str
) -> None:
    draft_id, changes = first.new_draft(), dict[str, Any]({field: value})
    answer = first.save(draft_id, **changes)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_an_action_that_no_button_has_changes_nothing(first: Clerk) -> None:
    draft_id = first.new_draft()
    assert first.save(draft_id, action="remove-²").status_code == 303
    assert texts(first, draft_id) == ["Где?"]


def test_two_editors_do_not_erase_each_other(first: Clerk, second: Clerk) -> None:
    draft_id = first.new_draft()
    seen = first.draft(draft_id).version
    assert second.save(draft_id, version=seen, title_ru="Второе название").status_code == 303
    answer = first.save(draft_id, version=seen, title_ru="Первое название")
    assert (answer.status_code, heading(answer)) == (409, ChangedMeanwhile.ru[0])
    assert first.draft(draft_id).title == "Второе название"


@pytest.mark.parametrize(("hours", "status"), [(0, 409), (2, 401)])
def test_what_was_typed_is_shown_when_it_is_not_taken(first: Clerk, hours: int, status: int) -> None:
    """Somebody else was quicker, or the sign-in has expired. What another site sends is not shown."""
    draft_id = first.new_draft()
    first.office.watch.now += timedelta(hours=hours)
    data = {**typed(first.office), "form_token": first.session.form_token, "title_ru": "Сквер у реки"}
    for site in ("same-origin", "cross-site"):
        answer = first.client.post(
            f"/admin/polls/{draft_id}/edit", data=data, headers={"Sec-Fetch-Site": site}
        )
        assert answer.status_code == status
        assert ("Сквер у реки" in answer.text) is (site == "same-origin")


def test_a_text_that_is_far_too_long_is_told_on_a_page_of_the_office(first: Clerk) -> None:
    answer = first.save(first.new_draft(), description_ru="а" * 600_000)
    assert (answer.status_code, heading(answer)) == (413, "Слишком большой файл или текст")


@pytest.mark.parametrize("act", ["approve", "publish", "withdraw", "return"])
def test_an_act_at_the_wrong_stage_changes_nothing(first: Clerk, second: Clerk, act: str) -> None:
    draft_id = first.new_draft()
    answer = second.post(f"/polls/{draft_id}/{act}", reason="Исправить")
    assert (answer.status_code, heading(answer)) == (409, ActNotPossible.ru[0])
    assert first.draft(draft_id).stage == "draft"


def test_the_form_for_a_new_poll_sent_twice_makes_one(first: Clerk) -> None:
    for _ in range(2):
        assert first.post("/polls", new_id="a" * 32).status_code == 303
    with read(first.office.engine) as conn:
        assert len(drafts.in_publication(conn)) == 0
    assert first.get("/polls").text.count("Без названия") == 1


def test_questions_are_added_moved_and_removed_without_losing_what_was_typed(first: Clerk) -> None:
    draft_id = first.new_draft()
    first.save(draft_id, action="add")
    assert texts(first, draft_id) == ["Где?", ""]
    second: dict[str, Any] = {"questions-1-text_ru": "Что?", "questions-1-options_ru": "а\nб"}
    first.save(draft_id, action="up-1", **second)
    assert texts(first, draft_id) == ["Что?", "Где?"]
    moved: dict[str, Any] = {"questions-0-text_ru": "Что?", "questions-1-text_ru": "Где?"}
    first.save(draft_id, action="remove-0", **moved)
    assert texts(first, draft_id) == ["Где?"]


def test_a_late_announcement_is_warned_of(first: Clerk, office: Office) -> None:
    draft_id = first.new_draft()
    assert "До начала меньше 10 дней" not in first.get(f"/polls/{draft_id}").text
    office.watch.now += timedelta(minutes=30)
    soon = (office.watch() + timedelta(days=3, hours=7)).replace(tzinfo=None).isoformat(timespec="minutes")
    first.save(draft_id, opens_at=soon)
    assert "осталось 3 дня" in first.get(f"/polls/{draft_id}").text


def published(first: Clerk, second: Clerk) -> str:
    draft_id = approved(first, second)
    second.post(f"/polls/{draft_id}/publish")
    poll_id = first.draft(draft_id).poll_id
    assert poll_id is not None
    return poll_id.hex()


def test_a_poll_is_cancelled_with_a_public_reason_and_gives_no_tokens(
    first: Clerk, second: Clerk, office: Office
) -> None:
    poll_id = published(first, second)
    assert first.post(f"/polls/published/{poll_id}/cancel", text_ru="").status_code == 422
    assert "cancellation" not in office.box.said
    answer = first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено судом.")
    assert answer.status_code == 303
    assert "Отменено судом." in office.box.said["cancellation"].decode()
    assert "Отменено судом." in first.get(f"/polls/published/{poll_id}").text
    assert ">отменено<" in first.get("/polls").text
    with read(office.engine) as conn:
        poll = store.find_poll(conn, bytes.fromhex(poll_id))
        assert poll is not None
        assert open_polls(conn, poll.manifest.opens_at) == ()
    office.worker.step()
    assert not office.keys.has_token_key(poll.poll_id)
    assert first.post(f"/polls/published/{poll_id}/cancel", text_ru="Другая причина").status_code == 409


def test_a_pasted_reason_is_said_without_the_marks_that_nobody_sees(
    first: Clerk, second: Clerk, office: Office
) -> None:
    poll_id = published(first, second)
    pasted = "\ufeffОтме\u00adнено\tсудом.\u2028\u200bПостановление № 1"
    assert first.post(f"/polls/published/{poll_id}/cancel", text_ru=pasted).status_code == 303
    said = parse_statement("cancellation", office.box.said["cancellation"])
    assert said.text == {"ru": "Отменено судом.\nПостановление № 1"}


def test_a_reason_that_no_poll_may_hold_is_named_and_nothing_is_said(
    first: Clerk, second: Clerk, office: Office
) -> None:
    poll_id = published(first, second)
    answer = first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено\u202e судом.")
    assert answer.status_code == 422
    assert "знак, которого не видно" in answer.text
    assert office.box.said == {}


def test_what_the_box_did_not_hear_is_said_again(first: Clerk, second: Clerk, office: Office) -> None:
    poll_id = published(first, second)
    office.box.down = True
    assert first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено судом.").status_code == 303
    assert "Ещё не доставлено" in first.get(f"/polls/published/{poll_id}").text
    office.box.down = False
    http = httpx.Client(transport=httpx.MockTransport(office.box))
    Speaker(office.engine, office.keys, office.settings.url, http).finish()
    assert "Отменено судом." in office.box.said["cancellation"].decode()
    assert "Ещё не доставлено" not in first.get(f"/polls/published/{poll_id}").text


def test_while_the_module_with_the_keys_is_away_the_poll_waits(
    first: Clerk, second: Clerk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_self: KeyStore, _request: bytes, _bits: int) -> PublicKeys:
        raise HsmUnavailable("token away")

    draft_id = approved(first, second)
    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "make", away)
        assert second.post(f"/polls/{draft_id}/publish").status_code == 303
        assert first.draft(draft_id).stage == "publishing"
    office.new_press().finish(office.watch())
    assert first.draft(draft_id).stage == "published"


@pytest.mark.parametrize("status", [429, 503])
def test_a_box_that_is_asked_too_often_is_asked_again(
    first: Clerk, second: Clerk, office: Office, status: int
) -> None:
    poll_id, draft_id = published(first, second), first.new_draft(title_ru="Другое")
    first.post(f"/polls/{draft_id}/submit")
    second.post(f"/polls/{draft_id}/approve")
    office.box.refuse = status
    assert second.post(f"/polls/{draft_id}/publish").status_code == 303
    assert first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено судом.").status_code == 303
    assert first.draft(draft_id).stage == "publishing"
    assert "Ещё не доставлено" in first.get(f"/polls/published/{poll_id}").text


def test_what_the_box_refuses_was_not_said(first: Clerk, second: Clerk, office: Office) -> None:
    """The box's clock was ahead, and for it the poll had closed: it goes on as if nobody had cancelled it."""
    poll_id = published(first, second)
    office.box.refuse = 403
    answer = first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено судом.")
    assert (answer.status_code, heading(answer)) == (409, ActNotPossible.ru[0])
    assert "Отменено судом." not in first.get(f"/polls/published/{poll_id}").text
    office.worker.step()
    assert office.keys.has_token_key(bytes.fromhex(poll_id))


def test_one_refused_statement_does_not_hold_up_the_others(
    first: Clerk, second: Clerk, office: Office
) -> None:
    poll_id = published(first, second)
    office.box.down = True
    first.post(f"/polls/published/{poll_id}/cancel", text_ru="Отменено судом.")
    office.box.down, office.box.refuse = False, 422
    http = httpx.Client(transport=httpx.MockTransport(office.box))
    speaker = Speaker(office.engine, office.keys, office.settings.url, http)
    speaker.finish()
    with read(office.engine) as conn:
        assert store.undelivered(conn) == []
        assert store.find_statement(conn, bytes.fromhex(poll_id), "cancellation") is None


def test_nothing_is_decided_before_the_close(first: Clerk, second: Clerk) -> None:
    poll_id = published(first, second)
    assert first.post(f"/polls/published/{poll_id}/decide", text_ru="Построим").status_code == 409


@pytest.mark.parametrize("act", ["cancel", "decide", "duplicate"])
def test_another_municipality_says_nothing_of_a_poll(
    first: Clerk, second: Clerk, employ: Hire, office: Office, act: str
) -> None:
    poll_id = published(first, second)
    answer = employ(oktmo=BIYSK).post(f"/polls/published/{poll_id}/{act}", text_ru="Нет")
    assert (answer.status_code, heading(answer)) == (403, OfficialNotAllowed.ru[0])
    assert office.box.said == {}


def test_what_was_typed_is_what_is_published(first: Clerk, second: Clerk, office: Office) -> None:
    changes = {
        "questions-0-kind": "score",
        "questions-0-min": "0",
        "questions-0-max": "5",
        "revoting": "y",
        "minimum_age": "16",
        "minimum_participants": "100",
        "population": "20 000",
        "population_source": "Избирком",
    }
    draft_id = first.new_draft(**changes)
    first.post(f"/polls/{draft_id}/submit")
    second.post(f"/polls/{draft_id}/approve")
    second.post(f"/polls/{draft_id}/publish")
    with read(office.engine) as conn:
        (poll,) = store.all_polls(conn)
    manifest, (question,) = poll.manifest, poll.manifest.questions
    assert (question.kind, question.min, question.max, question.abstention) == ("score", 0, 5, False)
    assert [option.text["ru"] for option in question.options] == ["У реки", "На горе"]
    assert (manifest.revoting, manifest.minimum_age, manifest.minimum_participants) == (True, 16, 100)
    assert manifest.eligible_population is not None
    assert manifest.eligible_population.number == 20_000
    assert [place.oktmo for place in manifest.territory] == [BARNAUL]
