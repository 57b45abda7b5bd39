"""The office's lists after years: fifty to a page, and nothing lost between two pages."""

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, insert

from issuer import tables
from issuer.admin import applications
from issuer.admin.tables import poll_draft
from shared.db import write
from shared.encoding import canonical_json, parse_json
from shared.manifest import Poll, parse_manifest
from tests.issuer.admin.clerk import BARNAUL, BIYSK, Clerk
from tests.issuer.admin.conftest import Hire
from tests.issuer.admin.test_application_paper import FIELDS
from tests.issuer.office import Office, sample_draft


def add_polls(office: Office, like: Poll, number: int, *, archived: bool, oktmo: str = "") -> list[bytes]:
    """Polls like this one; their ids in the order in which their issuance ended. `oktmo`: of their drafts."""
    ids = []
    with write(office.engine) as conn:
        for at in range(number):
            members = parse_json(like.manifest_bytes)
            members["title"] = {"ru": f"Вопрос {at} {oktmo}"}
            poll = parse_manifest(canonical_json(members))
            row = {"poll_id": poll.poll_id, "manifest": poll.manifest_bytes}
            conn.execute(insert(tables.poll).values(**row, batch_slot=at, issued=0))
            ids.append(poll.poll_id)
            if archived:
                done = {"poll_id": poll.poll_id, "issued": 0, "finished": True}
                conn.execute(insert(tables.archived_poll).values(done))
            if oktmo:
                add_draft(conn, at, oktmo, poll.poll_id)
    return ids


def add_draft(conn: Connection, number: int, oktmo: str, poll_id: bytes | None = None) -> None:
    row = {
        "id": f"{number:016x}{oktmo:0>16}",
        "oktmo": oktmo,
        "stage": "draft" if poll_id is None else "published",
        "version": 1,
        "content": f'{{"title_ru": "Черновик {number}"}}',
        "editor": b"",
        "note": "",
        "poll_id": poll_id,
        "changed_at": 1_795_000_000 + number,
    }
    conn.execute(insert(poll_draft).values(row))


def shown(text: str) -> list[bytes]:
    """The ids of the polls on a page, in its order."""
    return [bytes.fromhex(found) for found in re.findall(r"/polls/published/([0-9a-f]{64})\"", text)]


def walked(clerk: Clerk, start: str) -> list[str]:
    """The pages of a list from the first to the last, by its links: of no list here more than a few."""
    pages = [clerk.get(start).text]
    for _ in range(5):
        found = re.search(r'href="(\?[a-z]+=\d+)" rel="next"', pages[-1])
        if found is None:
            return pages
        pages.append(clerk.get(start + found[1]).text)
    raise AssertionError("the list has no end")


def test_an_operator_turns_the_pages_of_polls_from_the_last_to_close_to_the_oldest(
    employ: Hire, office: Office
) -> None:
    later = office.publish(sample_draft(closes_at="2027-11-23T12:00:00Z"))
    sooner = office.publish()
    old = add_polls(office, sooner, 110, archived=True)
    pages = walked(employ("operator"), "/polls")
    assert [len(shown(text)) for text in pages] == [50, 50, 12]
    assert [poll for text in pages for poll in shown(text)] == [later.poll_id, sooner.poll_id, *old[::-1]]
    assert ["Раньше" in text for text in pages] == [True, True, False]
    assert ["Позже" in text for text in pages] == [False, True, True]
    assert 'href="/admin/polls" rel="prev"' in pages[1]
    assert 'href="?page=2" rel="prev"' in pages[2]


def test_no_poll_is_lost_where_more_than_a_page_are_open(employ: Hire, office: Office) -> None:
    like = office.publish()
    current = add_polls(office, like, 60, archived=False)
    old = add_polls(office, like, 5, archived=True, oktmo=BARNAUL)
    pages = walked(employ("operator"), "/polls")
    found = [poll for text in pages for poll in shown(text)]
    assert [len(shown(text)) for text in pages] == [50, 16]
    assert set(found) == {like.poll_id, *current, *old}
    assert found[-5:] == old[::-1]


def test_an_administrator_sees_the_polls_of_the_municipality_and_no_others(
    employ: Hire, office: Office
) -> None:
    barnaul = office.publish()
    biysk = office.publish(sample_draft(territory=[BIYSK]))
    both = office.publish(sample_draft(territory=[BARNAUL, BIYSK]))
    drafted = add_polls(office, barnaul, 3, archived=True, oktmo=BIYSK)
    text = employ(oktmo=BIYSK).get("/polls").text
    assert shown(text) == [biysk.poll_id, *drafted[::-1]]
    assert "Черновик" not in text
    assert shown(employ(oktmo=BARNAUL).get("/polls").text) == [barnaul.poll_id]
    everything = {barnaul.poll_id, biysk.poll_id, both.poll_id, *drafted}
    assert set(shown(employ("operator").get("/polls").text)) == everything


def test_a_cancelled_poll_is_marked_on_whatever_page_it_stands(employ: Hire, office: Office) -> None:
    old = add_polls(office, office.publish(), 55, archived=True)
    with write(office.engine) as conn:
        said = {"kind": "cancellation", "statement": b"", "delivered": True}
        conn.execute(insert(tables.statement).values(poll_id=old[0], **said))
    pages = walked(employ("operator"), "/polls")
    assert ["отменено" in text for text in pages] == [False, True]


def test_drafts_have_pages_of_their_own_the_last_changed_first(first: Clerk, office: Office) -> None:
    with write(office.engine) as conn:
        for number in range(120):
            add_draft(conn, number, BARNAUL)
    pages = walked(first, "/polls")
    titles = [int(number) for text in pages for number in re.findall(r"Черновик (\d+)<", text)]
    assert titles == list(range(119, -1, -1))
    assert ["Опубликованы" in text for text in pages] == [True, False, False]


def test_applications_have_pages_the_newest_first(employ: Hire, office: Office) -> None:
    with write(office.engine) as conn:
        for number in range(60):
            made_at = office.watch() + timedelta(minutes=number)
            applications.make(conn, f"{number}", replace(FIELDS, administration=f"Село {number}"), made_at)
    pages = walked(employ("operator"), "/applications")
    found = [int(number) for text in pages for number in re.findall(r"Село (\d+)<", text)]
    assert (len(pages), found) == (2, list(range(59, -1, -1)))


def test_an_address_that_names_no_page_leads_to_the_first_and_one_beyond_the_last_says_so(
    first: Clerk, office: Office
) -> None:
    poll = office.publish()
    for asked in ("page=0", "page=-1", "page=second", "drafts="):
        assert shown(first.get(f"/polls?{asked}").text) == [poll.poll_id]
    for asked in ("page=7", "page=99999999999999999999", "drafts=7"):
        text = first.get(f"/polls?{asked}").text
        assert shown(text) == []
        assert "Больше ничего нет." in text


def test_a_list_that_fits_on_its_page_has_no_others(first: Clerk, office: Office) -> None:
    add_polls(office, office.publish(), 49, archived=False)
    answer = first.get("/polls?lang=en")
    assert len(shown(answer.text)) == 50
    assert "Pages of" not in answer.text
    add_polls(office, office.publish(sample_draft(title={"ru": "Ещё"})), 1, archived=False)
    assert '<nav class="actions" aria-label="Pages of the polls">' in first.get("/polls").text
