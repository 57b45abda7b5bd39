"""An issuer's application, and people who work in its office."""

from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from issuer.admin.officials import Role
from issuer.app import create_app
from issuer.services import EXTENSION
from tests.issuer.admin.clerk import BARNAUL, Clerk, hire
from tests.issuer.office import Office

Hire = Callable[..., Clerk]


@pytest.fixture
def app(office: Office) -> Flask:
    """The application, publishing to the office's ballot box."""
    office.prepare_sign_in()
    app = create_app(office.settings, office.watch)
    services = app.extensions[EXTENSION]
    object.__setattr__(services, "box_http", httpx.Client(transport=httpx.MockTransport(office.box)))
    return app


@pytest.fixture
def employ(office: Office, app: Flask) -> Hire:
    """Give somebody a role and sign them in, each with a browser of their own."""

    def with_role(role: Role = "administrator", oktmo: str = BARNAUL, *, days: int = 30) -> Clerk:
        return hire(office, app.test_client(), role, oktmo, days=days)

    return with_role


@pytest.fixture
def first(employ: Hire) -> Clerk:
    return employ()


@pytest.fixture
def second(employ: Hire) -> Clerk:
    return employ()
