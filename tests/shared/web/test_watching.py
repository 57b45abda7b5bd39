"""What those who watch an installation see: is it alive, is it ready, and numbers that name nobody."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from issuer.app import create_app
from shared.db import write
from tests.ballot_box.box import Box
from tests.issuer.office import Office
from tests.programs.installation import Installation

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([0-9.e+-]+)$", re.MULTILINE)
LABELS = {"route", "status", "le", "pid"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str, dict[str, str]]]:
    """An installation that counts, a poll in it, and where each service's metrics are."""
    folder, now = Path(tmp_path_factory.mktemp("watched")), datetime.now(UTC)
    (folder / "counted").mkdir()
    with Installation(folder, {"PROMETHEUS_MULTIPROC_DIR": str(folder / "counted")}) as made:
        poll_id = made.publish(
            "barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=1)
        )
        yield made, poll_id, {name: made.start_metrics(f"veche-{name}") for name in ("issuer", "box")}


def samples(url: str) -> dict[tuple[str, str], float]:
    text = httpx.get(url).raise_for_status().text
    return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(text)}


def test_requests_are_counted_by_route_and_outcome_over_all_processes(
    town: tuple[Installation, str, dict[str, str]],
) -> None:
    made, poll_id, urls = town
    ballots = f"{made.url('box')}/polls/{poll_id}/ballots"
    before = samples(urls["box"])
    for _ in range(3):
        assert (
            httpx.post(
                ballots, content=b"no ballot", headers={"Content-Type": "application/octet-stream"}
            ).status_code
            == 422
        )
    key = ("veche_requests_total", 'route="/polls/<poll_id>/ballots",status="422"')
    assert samples(urls["box"])[key] - before.get(key, 0) == 3


def test_no_label_holds_a_poll_a_path_or_an_address(town: tuple[Installation, str, dict[str, str]]) -> None:
    made, poll_id, urls = town
    httpx.get(f"{made.url('box')}/polls/{poll_id}/manifest.json")
    httpx.get(f"{made.url('box')}/nowhere/{poll_id}")
    httpx.get(f"{made.url('issuer')}/polls/{poll_id}/issuance")
    for url in urls.values():
        text = httpx.get(url).text
        assert poll_id not in text
        assert "nowhere" not in text
        assert "127.0.0" not in text
        assert {name for _, labels in samples(url) for name in re.findall(r'(\w+)="', labels)} <= LABELS


def test_the_services_themselves_show_no_metrics(town: tuple[Installation, str, dict[str, str]]) -> None:
    made, _, _ = town
    assert {httpx.get(f"{made.url(name)}/metrics").status_code for name in ("box", "issuer")} == {404}


def test_gauges_tell_what_is_due(town: tuple[Installation, str, dict[str, str]]) -> None:
    _, _, urls = town
    box, issuer = samples(urls["box"]), samples(urls["issuer"])
    assert box["veche_box_polls_open", ""] == 1
    assert box["veche_box_read_only", ""] == 0
    assert box["veche_box_disk_free_bytes", ""] > 0
    assert issuer["veche_issuer_polls_open", ""] == 1
    assert issuer["veche_issuer_token_keys_overdue", ""] == 0


def test_every_metric_of_the_alert_rules_exists(town: tuple[Installation, str, dict[str, str]]) -> None:
    rules = (Path(__file__).parents[3] / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8")
    named = set(re.findall(r"\bveche_\w+", rules))
    there = {name for url in town[2].values() for name, _ in samples(url)}
    assert len(named) > 5
    assert named <= there


def test_a_sound_service_is_alive_and_ready(town: tuple[Installation, str, dict[str, str]]) -> None:
    for name in ("box", "issuer"):
        assert httpx.get(f"{town[0].url(name)}/health/live").json() == {"live": True}
        assert httpx.get(f"{town[0].url(name)}/health/ready").json() == {"ready": True, "reasons": []}


def test_a_read_only_box_is_alive_and_says_why_it_is_not_ready(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.state.stop_writing("log ab: LogRolledBack")
    answer = box.http.get("/health/ready")
    assert (answer.status_code, answer.get_json()) == (503, {"ready": False, "reasons": ["box-read-only"]})
    assert box.http.get("/health/live").status_code == 200


def test_an_issuer_whose_tables_are_gone_is_not_ready(office: Office) -> None:
    office.prepare_sign_in()
    http = create_app(office.settings, office.watch).test_client()
    assert http.get("/health/ready").status_code == 200
    with write(office.engine) as conn:
        conn.execute(text("ALTER TABLE poll RENAME TO gone"))
    answer = http.get("/health/ready")
    assert (answer.status_code, answer.get_json()["reasons"]) == (503, ["unavailable"])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)
