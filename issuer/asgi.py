"""The entry point of an ASGI server: `granian --interface asgi --factory issuer.asgi:app`."""

from issuer.app import create_app
from issuer.door import door
from issuer.issuance import IssuedToken
from issuer.routes.tokens import Asked
from issuer.settings import read_settings
from shared.logs import configure_logs
from shared.web.door import Door


def app() -> Door[Asked, IssuedToken]:
    """The application, with settings from the environment."""
    configure_logs("issuer")
    return door(create_app(read_settings()))
