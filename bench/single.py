"""The ballot box with one transaction per ballot: the same work, without group commit."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from ballot_box.casting import BallotDesk
from ballot_box.routes.casting import DESK
from ballot_box.store import NewBallot
from ballot_box.wsgi import app as grouped
from shared.refusals import Refusal


class _Alone:
    def __init__(self, settle: Any) -> None:
        self._settle = settle

    def ask(self, ballot: NewBallot) -> None:
        outcome: Sequence[Refusal | None] = self._settle([ballot])
        if outcome[0] is not None:
            raise outcome[0]


def app() -> Flask:
    """The application."""
    made = grouped()
    desk: BallotDesk = made.extensions[DESK]
    desk._stored = _Alone(desk._store)  # type: ignore[assignment]
    return made
