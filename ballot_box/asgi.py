"""The entry point of an ASGI server: `granian --interface asgi --factory ballot_box.asgi:app`."""

from ballot_box.app import create_app
from ballot_box.casting import Receipt
from ballot_box.door import door
from ballot_box.settings import read_settings
from shared.logs import configure_logs
from shared.web.door import Door


def app() -> Door[tuple[bytes, bytes], Receipt]:
    """The application, with settings from the environment."""
    configure_logs("ballot-box")
    return door(create_app(read_settings()))
