"""Polls pile up over the years: what runs often pays for those that are not archived, not for all."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, insert

from issuer import store, tables
from issuer.app import create_app, not_ready
from issuer.archive import archive_due
from issuer.gauges import gauges
from issuer.joint import JointPublisher
from issuer.oauth.decisions import check_any_open
from issuer.polls import open_polls
from issuer.publication import Publisher
from issuer.services import EXTENSION, Services
from shared.db import read, write
from tests.databases import statements
from tests.issuer.oauth.town import Town
from tests.issuer.office import Office, sample_draft
from tests.issuer.self_check.check import Visitor

ARCHIVED = 30


def add_archived_polls(engine: Engine) -> None:
    """Polls of years ago, cancelled ones among them. Who reads one of their manifests fails: it is none."""
    with write(engine) as conn:
        for number in range(ARCHIVED):
            manifest = b"years ago %d" % number
            poll_id, request = hashlib.sha256(manifest).digest(), hashlib.sha256(b"%d" % number).digest()
            conn.execute(insert(tables.publication).values(request=request, manifest=manifest))
            conn.execute(
                insert(tables.poll).values(poll_id=poll_id, manifest=manifest, batch_slot=number, issued=0)
            )
            conn.execute(insert(tables.archived_poll).values(poll_id=poll_id, issued=0, finished=True))
            if number % 2:
                said = {"kind": "cancellation", "statement": b"", "delivered": True}
                conn.execute(insert(tables.statement).values(poll_id=poll_id, **said))


def a_pass_of_the_worker(office: Office) -> Callable[[], object]:
    return office.worker.step


def a_scrape_of_the_gauges(office: Office) -> Callable[[], object]:
    return lambda: list(gauges(office.settings, office.engine, office.keys, office.watch))


def a_sign_in(office: Office) -> Callable[[], object]:
    def choose() -> None:
        with read(office.engine) as conn:
            (poll,) = open_polls(conn, office.watch())
            check_any_open(conn, [poll.poll_id], office.watch())

    return choose


def a_look_for_joint_polls(office: Office) -> Callable[[], object]:
    http = httpx.Client(transport=httpx.MockTransport(office.box))
    joint = JointPublisher(Publisher(office.settings, office.engine, office.keys, office.trust, http))
    return lambda: joint.take_up(office.watch())


@pytest.mark.parametrize(
    "act", [a_pass_of_the_worker, a_scrape_of_the_gauges, a_sign_in, a_look_for_joint_polls]
)
def test_archived_polls_cost_no_statement_and_no_manifest_is_read(
    office: Office, act: Callable[[Office], Callable[[], object]]
) -> None:
    office.publish()
    again = act(office)
    again()
    before = len(statements(office.engine, again))
    add_archived_polls(office.engine)
    again()
    assert len(statements(office.engine, again)) == before > 0


def test_the_health_check_asks_one_question_however_many_polls_there_were(office: Office) -> None:
    office.prepare_sign_in()
    here: Services = create_app(office.settings, office.watch).extensions[EXTENSION]
    add_archived_polls(office.engine)
    assert not_ready(here) == []
    assert len(statements(here.engine, lambda: not_ready(here))) == 1


def test_a_resident_checks_and_signs_in_past_polls_that_nobody_can_read(tmp_path: Path) -> None:
    town = Town(tmp_path)
    add_archived_polls(town.office.engine)
    page = Visitor(town).sign_in("barnaul-1")
    assert page.status_code == 200
    assert "Ярмарка" in page.text


def test_among_archived_polls_the_worker_closes_and_archives_the_one_that_is_due(office: Office) -> None:
    add_archived_polls(office.engine)
    poll = office.publish()
    office.watch.now = poll.manifest.closes_at
    office.worker.step()
    assert not office.keys.has_token_key(poll.poll_id)
    office.watch.now = archive_due(poll)
    office.worker.step()
    with read(office.engine) as conn:
        assert store.is_archived(conn, poll.poll_id)
        assert store.unarchived(conn) == store.remembered(conn) == ()


def test_a_poll_whose_archive_was_not_finished_is_tended_and_remembers_nobody(office: Office) -> None:
    poll = office.publish()
    with write(office.engine) as conn:
        store.archive(conn, poll.poll_id)
    with read(office.engine) as conn:
        assert (store.unarchived(conn), store.remembered(conn)) == ((poll,), ())
    office.watch.now = archive_due(poll)
    office.worker.step()
    with read(office.engine) as conn:
        assert store.unarchived(conn) == ()


def test_among_archived_polls_the_gauges_count_a_token_key_that_is_overdue(office: Office) -> None:
    add_archived_polls(office.engine)
    poll = office.publish()
    office.publish(sample_draft(title={"ru": "Ещё"}, closes_at="2027-01-01T00:00:00Z"))

    def measured() -> tuple[float, float]:
        found = {
            name: value
            for name, _, value in gauges(office.settings, office.engine, office.keys, office.watch)
        }
        return found["veche_issuer_polls_open"], found["veche_issuer_token_keys_overdue"]

    assert measured() == (2, 0)
    office.watch.now = poll.manifest.include_by - timedelta(seconds=1)
    assert measured() == (1, 0)
    office.watch.now = poll.manifest.include_by
    assert measured() == (1, 1)
