"""The authorization request: what is wrong is answered to the client, or shown where there is no client."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.issuer.oauth.town import Town, WebClient, fragment, scope_of
from tests.issuer.office import CLIENT_URL, ISSUER_URL, sample_draft

UNKNOWN = "poll:" + "ab" * 32


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """One town for all requests."""
    return Town(tmp_path_factory.mktemp("town"))


def begin(town: Town, **changes: Any) -> httpx.Response:
    return WebClient(town, [town.barnaul], changes).begin()


def test_a_good_request_goes_to_esia(town: Town) -> None:
    answer = begin(town)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://127.0.0.2:8000/aas/oauth2/v2/ac?")


@pytest.mark.attack("A26")
@pytest.mark.attack("A27")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "http://127.0.0.6:8000"},
        {"client_id": CLIENT_URL + "/"},
        {"redirect_uri": None},
        {"redirect_uri": f"{CLIENT_URL}/"},
        {"redirect_uri": f"{CLIENT_URL}/?issuer=1"},
        {"redirect_uri": f"{CLIENT_URL}/?issuer=0&more=1"},
        {"redirect_uri": f"{CLIENT_URL}/?issuer=0#"},
        {"redirect_uri": "http://127.0.0.6:8000/?issuer=0"},
        {"redirect_uri": 'http://127.0.0.6:8000/"ё'},
        {"client_id": "ё"},
        {"response_type": 'code"'},
        {"state": "я"},
        {"state": "s" * 513},
        {"scope": "poll:\x00"},
        {"\\": "x"},
    ],
)
def test_without_the_client_there_is_a_page_and_no_redirect(town: Town, changes: dict[str, Any]) -> None:
    page = begin(town, **changes)
    assert page.status_code == 400
    assert "Вход не начался" in page.text
    assert f'href="{CLIENT_URL}/"' in page.text
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("name", ["client_id", "scope", "code_challenge", "response_mode", "unknown"])
def test_a_parameter_that_stands_twice_is_refused(town: Town, name: str) -> None:
    client = WebClient(town, [town.barnaul], {"unknown": "x"})
    page = client.browser.get(f"{client.authorize_url}&{name}=x")
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": None}, "invalid_request"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "A" * 42}, "invalid_request"),
        ({"code_challenge": "A" * 42 + "="}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "poll:" + "AB" * 32}, "invalid_scope"),
        ({"scope": f"{UNKNOWN} {UNKNOWN}"}, "invalid_scope"),
        ({"scope": f"{UNKNOWN}  {UNKNOWN[:-1]}0"}, "invalid_scope"),
        ({"scope": " ".join(f"poll:{number:064x}" for number in range(21))}, "invalid_scope"),
    ],
)
def test_the_client_is_told_what_is_wrong(town: Town, changes: dict[str, Any], error: str) -> None:
    client = WebClient(town, [town.barnaul], changes)
    answer = fragment(client.begin())
    assert (answer["error"], answer["iss"], answer["state"]) == (error, ISSUER_URL, client.state)


def test_without_a_state_none_comes_back(town: Town) -> None:
    assert "state" not in fragment(begin(town, state=None, scope="x"))


def test_a_poll_that_gives_no_tokens_asks_nobody_for_anything(town: Town) -> None:
    day = timedelta(days=1)
    manifest = town.barnaul.manifest
    times = {"issuance_opens_at": manifest.opens_at + day, "opens_at": manifest.opens_at + day}
    later = town.office.publish(
        sample_draft(
            **{name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in times.items()},
            closes_at=f"{manifest.closes_at + day:%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    for scope, slug in [(UNKNOWN, "poll-unknown"), (scope_of(later), "poll-not-open")]:
        answer = fragment(begin(town, scope=scope))
        assert (answer["error"], answer["error_description"]) == ("access_denied", slug)
    assert begin(town, scope=f"{UNKNOWN} {scope_of(town.barnaul)}").status_code == 303


def test_a_poll_that_has_closed_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    town = Town(tmp_path_factory.mktemp("closing"))
    town.watch.now = town.barnaul.manifest.closes_at
    assert fragment(begin(town))["error_description"] == "poll-closed"
