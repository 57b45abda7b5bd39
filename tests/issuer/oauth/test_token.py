"""The token endpoint and access tokens: every key opens one door, once or for a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from issuer.oauth import store
from shared.db import write
from shared.encoding import b64u
from tests.issuer.oauth.town import REDIRECT_URI, Town, WebClient, scope_of
from tests.issuer.office import CLIENT_URL, ISSUER_URL, blinded_message


@pytest.fixture
def client(town: Town) -> WebClient:
    """A client that wants the poll of Barnaul."""
    return WebClient(town, [town.barnaul])


@pytest.fixture
def code(client: WebClient) -> str:
    """A code for a resident of Barnaul."""
    return client.sign_in("barnaul-1")["code"]


def ask(town: Town, access_token: str, poll: str = "barnaul") -> httpx.Response:
    wanted = town.barnaul if poll == "barnaul" else town.region
    return town.http.post(
        f"{ISSUER_URL}/polls/{wanted.poll_id.hex()}/token",
        json={"blinded_message": b64u(blinded_message(wanted))},
        headers={"Authorization": f"Bearer {access_token}"},
    )


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:veche:problem:")


def test_a_code_becomes_a_token_that_signs(town: Town, client: WebClient, code: str) -> None:
    answer = client.exchange(code)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 900, scope_of(town.barnaul))
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == CLIENT_URL
    assert ask(town, body["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": REDIRECT_URI.replace("0", "1")}, "invalid_grant"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "http://127.0.0.6:8000"}, "invalid_client"),
        ({"client_secret": "secret"}, "invalid_client"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": "0" * 43}, "invalid_grant"),
        ({"code": ""}, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused_and_changes_nothing(
    client: WebClient, code: str, changes: dict[str, str | None], error: str
) -> None:
    answer = client.exchange(code, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Access-Control-Allow-Origin"] == CLIENT_URL
    assert client.exchange(code).status_code == 200


def test_the_challenge_is_no_verifier(town: Town, client: WebClient, code: str) -> None:
    """Plain PKCE by the back door."""
    challenge = client.authorize_url.partition("code_challenge=")[2].partition("&")[0]
    assert client.exchange(code, code_verifier=challenge).json()["error"] == "invalid_grant"


def test_parameters_in_the_query_do_not_count(town: Town, client: WebClient, code: str) -> None:
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT_URI,
        "client_id": CLIENT_URL,
        "code_verifier": client.verifier,
    }
    answer = town.http.post(f"{ISSUER_URL}/oauth/token?code={code}", data=form)
    assert answer.json()["error"] == "invalid_request"
    assert town.http.post(f"{ISSUER_URL}/oauth/token", data=form | {"code": code}).status_code == 200


def test_a_parameter_that_stands_twice_is_malformed(town: Town, code: str) -> None:
    answer = town.http.post(
        f"{ISSUER_URL}/oauth/token",
        content=f"code={code}&code={code}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status_code, slug(answer)) == (400, "malformed-request")


@pytest.mark.attack("A27")
def test_a_code_used_twice_ends_the_grant(town: Town, client: WebClient, code: str) -> None:
    token = client.exchange(code).json()["access_token"]
    assert client.exchange(code).json()["error"] == "invalid_grant"
    assert slug(ask(town, token)) == "not-authorized"


def test_a_code_used_at_once_by_many_gives_one_token(client: WebClient, code: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.exchange(code), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


def test_the_database_lets_a_code_be_used_once(town: Town, code: str) -> None:
    expires_at = town.watch.now + timedelta(minutes=1)
    with write(town.office.engine) as conn:
        used = [store.use_code(conn, store.digest(code), name, expires_at) for name in ("one", "two")]
        assert used == [True, False]
        assert not store.grants_of(conn, ["two"], town.watch())


@pytest.mark.attack("A27")
def test_a_code_of_another_client_run_needs_its_verifier(town: Town, code: str) -> None:
    thief = WebClient(town, [town.barnaul])
    assert thief.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_lives_a_minute(town: Town, client: WebClient, code: str) -> None:
    town.watch.now += timedelta(seconds=60)
    assert client.exchange(code).json()["error"] == "invalid_grant"


def test_an_access_token_may_be_used_again_until_it_expires(town: Town, client: WebClient, code: str) -> None:
    token = client.exchange(code).json()["access_token"]
    town.watch.now += timedelta(seconds=899)
    assert [ask(town, token).status_code for _ in range(2)] == [200, 409]
    town.watch.now += timedelta(seconds=1)
    assert slug(ask(town, token)) == "not-authorized"


@pytest.mark.attack("A44")
def test_an_access_token_opens_no_other_poll(town: Town, client: WebClient, code: str) -> None:
    token = client.exchange(code).json()["access_token"]
    assert slug(ask(town, token, "region")) == "poll-not-granted"


def test_the_code_is_no_access_token(town: Town, client: WebClient, code: str) -> None:
    client.exchange(code)
    assert slug(ask(town, code)) == "not-authorized"


def test_grants_expire_by_the_setting(town: Town, client: WebClient) -> None:
    short = Town(town.folder / "short", {"grant_ttl": 5})
    other = WebClient(short, [short.barnaul])
    token = other.access_token()
    short.watch.now += timedelta(seconds=5)
    assert slug(ask(short, token)) == "not-authorized"


@pytest.mark.attack("A39")
def test_one_person_gets_one_token_through_two_accounts(town: Town) -> None:
    tokens = [
        WebClient(town, [town.barnaul]).access_token(name) for name in ("double-first", "double-second")
    ]
    assert [ask(town, token).status_code for token in tokens] == [200, 409]
