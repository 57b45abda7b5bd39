"""Wiring: one Flask application from settings, a clock and a connection to ESIA."""

from dataclasses import replace
from functools import partial
from typing import Final

import httpx
from flask import Flask, Response
from sqlalchemy.exc import InternalError, OperationalError, SQLAlchemyError, TimeoutError

from issuer.admin.routes import admin
from issuer.announcement.routes import announcement
from issuer.custody import SecretUnreadable
from issuer.esia.client import EsiaClient, EsiaSettings
from issuer.esia.client import esia_transport as network
from issuer.esia.gost_asn1 import der_of
from issuer.esia.signer import signer_from_key
from issuer.esia.tokens import load_verification_key
from issuer.issuance import TokenDesk
from issuer.keys import KeysMissing, open_keys
from issuer.oauth.routes import oauth
from issuer.residency.table import ResidencyTable
from issuer.routes.logs import logs
from issuer.routes.tokens import issuance_count, tokens
from issuer.routes.trust import trust
from issuer.self_check.routes import self_check
from issuer.services import EXTENSION, Services, services
from issuer.settings import Settings
from issuer.store import check_there
from shared.clock import Clock, system_clock
from shared.db import connect, read
from shared.logs import log_failure
from shared.outgoing import http_client
from shared.refusals import Refusal, Unavailable
from shared.trust import parse_trust
from shared.web.headers import register_headers
from shared.web.health import register_health
from shared.web.metrics import register_metrics
from shared.web.openapi import interface
from shared.web.problems import problem_response, register_problems

MAX_BODY_SIZE: Final = 16_384
BLUEPRINTS: Final = (tokens, issuance_count, logs, trust, oauth, admin, announcement, self_check, interface)


def create_app(
    settings: Settings, clock: Clock = system_clock, *, esia_transport: httpx.BaseTransport | None = None
) -> Flask:
    """The issuer's WSGI application. ESIA is reached through `esia_transport`, by default the network.

    Raises OSError, TrustInvalid, KekInvalid, KeysMissing, SecretUnreadable, GostKeyInvalid, TableInvalid on
    files that are not in order.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_SIZE
    app.extensions[EXTENSION] = _services(settings, clock, esia_transport)
    app.before_request(_forget_closed_polls)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    register_metrics(app)
    register_health(app, partial(not_ready, app.extensions[EXTENSION]))
    register_headers(app, settings.url)
    register_problems(app, home=f"{settings.client}/")
    for unavailable in (OperationalError, InternalError, TimeoutError):
        app.register_error_handler(unavailable, _database_unavailable)
    return app


def _services(settings: Settings, clock: Clock, esia_transport: httpx.BaseTransport | None) -> Services:
    engine, keys = connect(settings.database), open_keys(settings)
    keys.statement_seed()
    esia, transport = _esia_settings(settings), esia_transport or network()
    officials = replace(esia, redirect_uri=f"{settings.url}/admin/esia/callback")
    self_checks = replace(esia, redirect_uri=f"{settings.url}/self-check/esia/callback")
    return Services(
        settings=settings,
        engine=engine,
        keys=keys,
        clock=clock,
        esia=EsiaClient(esia, transport, clock),
        admin_esia=EsiaClient(officials, transport, clock),
        check_esia=EsiaClient(self_checks, transport, clock),
        box_http=http_client(),
        residency=ResidencyTable.open(settings.residency),
        desk=TokenDesk(engine, keys, clock, settings.url),
        trust=parse_trust(settings.trust.read_bytes()),
    )


def _esia_settings(settings: Settings) -> EsiaSettings:
    return EsiaSettings(
        base_url=settings.esia_url,
        client_id=settings.esia_client_id,
        redirect_uri=f"{settings.url}/esia/callback",
        certificate=der_of(settings.esia_certificate.read_bytes()),
        sign=signer_from_key(settings.esia_key.read_bytes()),
        verification_keys=tuple(
            load_verification_key(path.read_bytes()) for path in settings.esia_verification
        ),
        verified_marks=settings.esia_verified_marks,
    )


def _forget_closed_polls() -> None:
    """Token keys leave the memory of this process, too, when issuance has ended (docs/protocol.md 4.1)."""
    services().desk.forget_closed()


def not_ready(issuer: Services) -> list[type[Refusal]]:
    """What the issuer would answer a request for a token with now."""
    try:
        issuer.keys.statement_seed()
        with read(issuer.engine) as conn:
            check_there(conn)
    except (SQLAlchemyError, KeysMissing, SecretUnreadable):
        return [Unavailable]
    return []


def _database_unavailable(error: Exception) -> Response:
    """A lock that is not free in time, a full disk, a lost leader: the request may be repeated as it is."""
    log_failure("database-unavailable", error)
    return problem_response(Unavailable)
