"""Wiring: one Flask application from settings and a clock."""

from typing import Final

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from issuer.esia_stand.clients import load_clients
from issuer.esia_stand.keys import load_keys
from issuer.esia_stand.refusals import EsiaRefusal
from issuer.esia_stand.rest import rest
from issuer.esia_stand.sessions import Sessions
from issuer.esia_stand.settings import StandSettings, read_settings
from issuer.esia_stand.sign_in import pages
from issuer.esia_stand.stand import EXTENSION, Stand
from issuer.esia_stand.tokens import tokens
from shared.clock import Clock, system_clock
from shared.logs import configure_logs, log_failure

MAX_BODY_SIZE: Final = 65_536

# No form-action: browsers apply it to the redirect that answers the form, which leads to the client.
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; img-src data:"
)


def create_app(settings: StandSettings, clock: Clock = system_clock) -> Flask:
    """The stand's WSGI application. Raises OSError, ValueError for a directory that was not prepared."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_SIZE
    app.extensions[EXTENSION] = Stand(
        settings, load_clients(settings.state), load_keys(settings.state), Sessions(), clock
    )
    for blueprint in (pages, tokens, rest):
        app.register_blueprint(blueprint)
    app.register_error_handler(EsiaRefusal, _refusal_page)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    app.after_request(_secured)
    return app


def from_environment() -> Flask:
    """The application for a WSGI server, with settings from the environment."""
    configure_logs("esia-stand")
    return create_app(read_settings())


def _refusal_page(refusal: EsiaRefusal) -> tuple[str, int]:
    """What cannot be told to the client by a redirect is shown to the person."""
    return render_template("refusal.html", refusal=refusal), 400


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith("/rs/"):
        return {"error": error.name}, error.code or 500
    return error.get_response()


def _failure(error: Exception) -> tuple[dict[str, str], int]:
    log_failure("request failed", error)
    refusal = EsiaRefusal("ESIA-007007")
    return {"error": refusal.error, "error_description": refusal.description}, 500


def _secured(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
