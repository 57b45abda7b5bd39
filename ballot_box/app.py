"""Wiring: one Flask application from settings and a clock."""

from functools import partial
from typing import Final

from flask import Flask, Response
from sqlalchemy.exc import InternalError, OperationalError, SQLAlchemyError, TimeoutError

from ballot_box.casting import BallotDesk
from ballot_box.routes.board import board
from ballot_box.routes.casting import DESK, casting
from ballot_box.routes.pages import pages
from ballot_box.routes.publication import publication
from ballot_box.routes.releases import releases
from ballot_box.routes.results import results
from ballot_box.services import EXTENSION, Services, open_services
from ballot_box.settings import Settings
from ballot_box.store import poll_ids
from shared.clock import Clock, system_clock
from shared.db import read
from shared.logs import log_failure
from shared.refusals import Refusal, Unavailable
from shared.web.headers import register_headers
from shared.web.health import register_health
from shared.web.metrics import register_metrics
from shared.web.openapi import interface
from shared.web.problems import problem_response, register_problems

BLUEPRINTS: Final = (publication, casting, board, releases, results, pages, interface)


def create_app(settings: Settings, clock: Clock = system_clock) -> Flask:
    """The ballot box's WSGI application. Raises KeysMissing, OSError, TrustInvalid on files not in order."""
    app = Flask(__name__)
    box = app.extensions[EXTENSION] = open_services(settings, clock)
    app.extensions[DESK] = BallotDesk(box)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    register_metrics(app)
    register_health(app, partial(not_ready, box))
    register_headers(app, settings.url)
    register_problems(app)
    for unavailable in (OperationalError, InternalError, TimeoutError):
        app.register_error_handler(unavailable, _database_unavailable)
    return app


def not_ready(box: Services) -> list[type[Refusal]]:
    """What the box would answer a ballot with now."""
    try:
        box.check_accepting()
        with read(box.engine) as conn:
            poll_ids(conn)
    except Refusal as refusal:
        return [type(refusal)]
    except SQLAlchemyError:
        return [Unavailable]
    return []


def _database_unavailable(error: Exception) -> Response:
    """A lock that is not free in time, a full disk, a lost leader: the request may be repeated as it is."""
    log_failure("database-unavailable", error)
    return problem_response(Unavailable)
