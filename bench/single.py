"""The ballot box with one transaction per ballot: the Flask application alone, each request in a thread."""

from flask import Flask

from ballot_box.app import create_app
from ballot_box.settings import read_settings


def app() -> Flask:
    """The application."""
    return create_app(read_settings())
