"""The entry point of a WSGI server: `granian --interface wsgi --factory ballot_box.wsgi:app`."""

from flask import Flask

from ballot_box.app import create_app
from ballot_box.settings import read_settings
from shared.logs import configure_logs


def app() -> Flask:
    """The application, with settings from the environment."""
    configure_logs("ballot-box")
    return create_app(read_settings())
