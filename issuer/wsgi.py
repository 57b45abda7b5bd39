"""The entry point of a WSGI server: `granian --interface wsgi --factory issuer.wsgi:app`."""

from flask import Flask

from issuer.app import create_app
from issuer.settings import read_settings
from shared.logs import configure_logs


def app() -> Flask:
    """The application, with settings from the environment."""
    configure_logs("issuer")
    return create_app(read_settings())
