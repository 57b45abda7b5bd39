"""When nobody can cast any more, the files are swept of the order of writing: once for each poll, surely."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from ballot_box import worker
from shared.db import Busy, sweep
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.ballot_box.test_statements import said, send

pytestmark = [pytest.mark.faults, pytest.mark.both_databases, pytest.mark.attack("A22")]


@dataclass
class Sweeps:
    """Counts the sweeps of a box that were done; the next ones raise what is planned."""

    planned: list[Exception] = field(default_factory=list)
    done: int = 0

    def __call__(self, engine: Engine) -> None:
        if self.planned:
            raise self.planned.pop()
        sweep(engine)
        self.done += 1


@pytest.fixture
def sweeps(monkeypatch: pytest.MonkeyPatch) -> Sweeps:
    counted = Sweeps()
    monkeypatch.setattr(worker, "sweep", counted)
    return counted


@pytest.mark.parametrize("error", [Busy(), RuntimeError("killed")])
def test_a_worker_that_died_before_its_sweep_leaves_it_to_the_next(
    box: Box, poll: Poll, sweeps: Sweeps, error: Exception
) -> None:
    sweeps.planned.append(error)
    box.cast(poll, box.ballot(poll))
    box.close(poll)
    assert sweeps.done == 0
    heir = box.new_worker()
    heir.step()
    assert sweeps.done == 1
    heir.step()
    box.new_worker().step()
    assert sweeps.done == 1


def test_while_another_poll_is_open_the_sweep_waits(box: Box, poll: Poll, sweeps: Sweeps) -> None:
    other = box.publish("cd" * 32, closes_at="2026-11-28T00:00:00Z", include_by="2026-11-28T01:00:00Z")
    box.close(poll)
    assert sweeps.done == 0
    box.close(other)
    assert sweeps.done == 1


def test_a_cancelled_poll_is_swept_too(box: Box, poll: Poll, sweeps: Sweeps) -> None:
    box.cast(poll, box.ballot(poll))
    assert send(box, poll, said("cancellation", poll)).status_code == 201
    box.worker.step()
    assert sweeps.done == 1
