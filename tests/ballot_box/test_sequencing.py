"""Batches, closing and the result: shuffled, counted, and nothing acknowledged is left out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from flask.testing import FlaskClient

from crypto.merkle import leaf_hash
from shared.closing import read_poll_closing
from shared.encoding import canonical_json, from_b64u
from shared.manifest import Poll
from shared.result import verify_result
from tests.ballot_box.box import Box
from tests.simulator import ANSWERS

pytestmark = pytest.mark.both_databases

SECOND = timedelta(seconds=1)


def fill(box: Box, poll: Poll, number: int) -> list[bytes]:
    """Cast this many ballots."""
    ballots = [box.ballot(poll, ANSWERS[n % 4]) for n in range(number)]
    assert {box.cast(poll, ballot).status_code for ballot in ballots} == {200}
    return ballots


@pytest.mark.attack("A15")
def test_a_batch_waits_for_the_longest_wait_and_for_the_floor(box: Box) -> None:
    poll = box.publish(batch={"floor": 3, "longest_wait": 60})
    fill(box, poll, 2)
    box.worker.step()
    box.watch.now += timedelta(minutes=10)
    box.worker.step()
    assert len(box.leaves(poll)) == 1, "the floor outranks the wait"
    fill(box, poll, 1)
    box.worker.step()
    assert len(box.leaves(poll)) == 4, "the wait is counted from the first that was seen waiting"
    fill(box, poll, 5)
    box.worker.step()
    box.watch.now += timedelta(seconds=59)
    box.worker.step()
    assert len(box.leaves(poll)) == 4, "a new wait begins with a new batch"
    box.watch.now += SECOND
    box.worker.step()
    assert len(box.leaves(poll)) == 9


def test_another_worker_begins_the_wait_anew(box: Box) -> None:
    poll = box.publish(batch={"floor": 1, "longest_wait": 60})
    fill(box, poll, 1)
    box.worker.step()
    box.watch.now += timedelta(seconds=60)
    box.new_worker().step()
    assert len(box.leaves(poll)) == 1
    box.worker.step()
    assert len(box.leaves(poll)) == 2


def test_a_worker_that_leads_again_begins_the_wait_anew(box: Box) -> None:
    poll = box.publish(batch={"floor": 1, "longest_wait": 60})
    fill(box, poll, 1)
    box.worker.step()
    other = box.new_worker()
    other.step()
    box.watch.now += timedelta(seconds=60)
    other.step()
    assert len(box.leaves(poll)) == 2
    fill(box, poll, 1)
    box.worker.step()
    assert len(box.leaves(poll)) == 2, "nobody waited for this one yet"
    box.watch.now += timedelta(seconds=60)
    box.worker.step()
    assert len(box.leaves(poll)) == 3


@pytest.mark.attack("A8")
def test_the_order_of_a_batch_is_not_the_order_of_arrival(box: Box, poll: Poll) -> None:
    ballots = fill(box, poll, 12)
    box.close(poll)
    published = box.leaves(poll)[1:-1]
    assert sorted(published) == sorted(ballots)
    assert published not in (ballots, sorted(ballots, key=leaf_hash))


def test_closing_ignores_the_floor_and_names_the_number_of_ballots(box: Box) -> None:
    poll = box.publish(batch={"floor": 100, "longest_wait": 600})
    ballots = fill(box, poll, 3)
    box.close(poll)
    first, *published, closing = box.leaves(poll)
    assert first == poll.first_leaf
    assert sorted(published) == sorted(ballots)
    assert read_poll_closing(closing, poll.poll_id) == 3


def test_a_poll_does_not_close_before_its_time(box: Box, poll: Poll) -> None:
    box.watch.now = poll.manifest.closes_at - SECOND
    box.worker.step()
    assert box.leaves(poll) == [poll.first_leaf]
    box.watch.now += SECOND
    box.worker.step()
    assert len(box.leaves(poll)) == 2


def test_closing_again_changes_nothing(box: Box, poll: Poll) -> None:
    fill(box, poll, 2)
    box.close(poll)
    leaves, checkpoint = box.leaves(poll), box.checkpoint(poll)
    box.worker.step()
    box.new_worker().step()
    assert (box.leaves(poll), box.checkpoint(poll)) == (leaves, checkpoint)


@pytest.mark.attack("A14")
def test_the_result_is_the_count_and_names_the_final_checkpoint(box: Box, poll: Poll) -> None:
    fill(box, poll, 4)
    box.close(poll)
    base, head = f"/polls/{poll.poll_id.hex()}", box.checkpoint(poll)
    statement = box.get(f"{base}/result.json")
    assert statement == canonical_json(
        {
            "ballots": 4,
            "checkpoint": {"root": head.root.hex(), "size": 6},
            "format": "veche/result/v1",
            "held": True,
            "invalid": 0,
            "poll_id": poll.poll_id.hex(),
            "questions": [
                {
                    "abstentions": 0,
                    "id": "place",
                    "leading": ["river"],
                    "options": [
                        {"id": "river", "votes": 2},
                        {"id": "school", "votes": 1},
                        {"id": "none", "votes": 1},
                    ],
                },
                {
                    "abstentions": 1,
                    "id": "trees",
                    "leading": ["pine"],
                    "options": [
                        {"id": "pine", "votes": 2},
                        {"id": "birch", "votes": 1},
                        {"id": "larch", "votes": 1},
                    ],
                },
            ],
            "valid": 4,
        }
    )
    signature = from_b64u(box.get(f"{base}/result.signature").decode())
    verify_result(box.state.statement_key(), statement, signature)


def test_a_poll_without_ballots_has_a_result_too(box: Box) -> None:
    poll = box.publish(minimum_participants=1)
    box.close(poll)
    result = box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").get_json()
    assert (result["ballots"], result["held"], result["questions"][0]["leading"]) == (0, False, [])


def test_the_state_follows_what_is_published(box: Box, poll: Poll) -> None:
    path = f"/polls/{poll.poll_id.hex()}/state.json"
    seen = [box.http.get(path).get_json()]
    fill(box, poll, 3)
    seen.append(box.http.get(path).get_json())
    box.worker.step()
    box.watch.now += SECOND
    box.worker.step()
    seen.append(box.http.get(path).get_json())
    fill(box, poll, 1)
    box.close(poll)
    seen.append(box.http.get(path).get_json())
    assert [(state["ballots"], state["closed"]) for state in seen] == [
        (0, False), (0, False), (3, False), (4, True),
    ]  # fmt: skip
    assert {state["poll_id"] for state in seen} == {poll.poll_id.hex()}


def test_before_the_end_there_is_no_result(box: Box, poll: Poll) -> None:
    for name in ("result.json", "result.signature"):
        assert box.http.get(f"/polls/{poll.poll_id.hex()}/{name}").status_code == 404


@pytest.mark.faults
@pytest.mark.attack("A25")
@pytest.mark.attack("A37")
def test_every_ballot_acknowledged_while_the_poll_closes_stands_before_the_closing_record(box: Box) -> None:
    poll = box.publish()
    clients = [box.new_http() for _ in range(4)]
    acknowledged: list[bytes] = []
    started = Event()

    def send_until_refused(http: FlaskClient) -> None:
        for number in range(60):
            ballot = box.ballot(poll, ANSWERS[number % 4])
            if box.cast(poll, ballot, http).status_code != 200:
                return
            acknowledged.append(ballot)
            if len(acknowledged) >= 10:
                started.set()

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(send_until_refused, http) for http in clients]
        assert started.wait(60)
        box.close(poll)
        for future in sent:
            future.result()
    *published, closing = box.leaves(poll)[1:]
    assert sorted(published) == sorted(acknowledged)
    assert read_poll_closing(closing, poll.poll_id) == len(acknowledged) >= 10
