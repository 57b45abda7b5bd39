"""Every address of both services answers with the headers that keep a browser safe (attack A26)."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot_box.app import create_app as create_box
from issuer.app import create_app as create_issuer
from shared.web.headers import SECURITY_HEADERS, STRICT_TRANSPORT
from tests.ballot_box.box import Box
from tests.issuer.office import Office

pytestmark = pytest.mark.attack("A26")


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Flask, dict[str, str]]]:
    """Both applications, and what stands for the parameters of their addresses."""
    office = Office(tmp_path_factory.mktemp("issuer"))
    office.prepare_sign_in()
    box = Box(tmp_path_factory.mktemp("box"))
    apps = {"issuer": (create_issuer(office.settings, office.watch), office.publish()),
            "box": (create_box(box.settings, box.watch), box.publish())}  # fmt: skip
    return {
        name: (app, {"poll_id": poll.poll_id.hex(), "path": "checkpoint", "name": "x"})
        for name, (app, poll) in apps.items()
    }


def addresses(app: Flask, known: dict[str, str]) -> Iterator[str]:
    """Each address that can be opened."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found[1], "x"), rule.rule)


def policy_of(answer: TestResponse) -> dict[str, str]:
    """The Content-Security-Policy's directives."""
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {name: rest for name, _, rest in (one.strip().partition(" ") for one in directives)}


def answers(http: FlaskClient, known: dict[str, str]) -> Iterator[tuple[str, TestResponse]]:
    for address in itertools.chain(addresses(http.application, known), ["/nowhere", "/%0d%0ax: y"]):
        yield address, http.get(address, headers={"Origin": "https://evil.example"})


@pytest.mark.parametrize("service", ["issuer", "box"])
def test_every_answer_has_every_header_once(
    apps: dict[str, tuple[Flask, dict[str, str]]], service: str
) -> None:
    app, known = apps[service]
    seen = 0
    for address, answer in answers(app.test_client(), known):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.getlist(name) == [value], (address, name)
        policy = policy_of(answer)
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'", address
        assert "form-action" in policy, address
        assert "unsafe" not in str(policy), address
        assert "*" not in str(policy), address
        assert "script-src" not in policy, address
        seen += 1
    assert seen > 15


@pytest.mark.parametrize("service", ["issuer", "box"])
def test_other_sites_may_read_public_data_alone_and_never_with_credentials(
    apps: dict[str, tuple[Flask, dict[str, str]]], service: str
) -> None:
    app, known = apps[service]
    open_to_all = set()
    for address, answer in answers(app.test_client(), known):
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed in (None, "*", "http://127.0.0.5:8000"), address
        assert "Access-Control-Allow-Credentials" not in answer.headers, address
        if allowed == "*":
            open_to_all.add(address)
            assert "Set-Cookie" not in answer.headers, address
    assert open_to_all
    assert not {address for address in open_to_all if re.search("admin|oauth|signin|self-check", address)}


@pytest.mark.parametrize("service", ["issuer", "box"])
def test_every_cookie_is_for_our_origin_over_https_and_out_of_reach_of_scripts(
    apps: dict[str, tuple[Flask, dict[str, str]]], service: str
) -> None:
    app, known = apps[service]
    http = app.test_client()
    cookies = [
        cookie
        for address in addresses(app, known)
        for cookie in http.get(address + "?lang=en").headers.getlist("Set-Cookie")
    ]
    assert bool(cookies) == (service == "issuer")
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
        assert "Domain" not in cookie


@pytest.mark.parametrize("service", ["issuer", "box"])
def test_a_line_break_in_an_address_becomes_no_header(
    apps: dict[str, tuple[Flask, dict[str, str]]], service: str
) -> None:
    app, known = apps[service]
    http = app.test_client()
    for address in addresses(app, known):
        answer = http.get(f"{address}?lang=en%0d%0aSet-Cookie:%20planted=1&place=%0d%0aPlanted:%201")
        assert "planted" not in str(answer.headers).lower(), address


@pytest.mark.parametrize("service", ["issuer", "box"])
def test_a_session_that_somebody_planted_is_never_taken_over(
    apps: dict[str, tuple[Flask, dict[str, str]]], service: str
) -> None:
    """Session fixation: what the browser brings is no session, and a new one has a secret of its own."""
    app, known = apps[service]
    planted = "A" * 43
    http = app.test_client()
    for name in ("__Host-veche-sign-in", "__Host-veche-admin", "__Host-veche-self-check", "session"):
        http.set_cookie(name, planted, secure=True)
    for address in addresses(app, known):
        for cookie in http.get(address).headers.getlist("Set-Cookie"):
            assert planted not in cookie, address


def test_a_service_at_an_https_address_asks_for_https_and_one_without_does_not(tmp_path: Path) -> None:
    for name in ("near", "public"):
        (tmp_path / name).mkdir()
    assert "Strict-Transport-Security" not in Box(tmp_path / "near").http.get("/").headers
    http = Box(tmp_path / "public", url="https://box.example").http
    for address in ("/", "/polls", "/nowhere"):
        assert http.get(address).headers["Strict-Transport-Security"] == STRICT_TRANSPORT
