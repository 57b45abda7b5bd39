"""v2/ac: each thing that ESIA refuses, with ESIA's code."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from issuer.esia.client import EsiaClient
from issuer.esia_stand.clients import save_client
from shared.encoding import b64u
from tests.issuer.esia_stand.desk import CALLBACK, URL, Desk, answer, refused_code


def test_a_good_request_shows_the_residents(desk: Desk) -> None:
    page = desk.authorize(desk.query())
    assert page.status_code == 200
    assert "Учебный стенд, не Госуслуги" in page.text
    assert "Примерова Анна Вымысловна" in page.text
    assert "17 лет, Барнаул" in page.text


def test_the_answer_carries_a_code_and_the_same_state(desk: Desk) -> None:
    query = desk.query()
    assert desk.choose(desk.authorize(query), "barnaul-1")["state"] == query["state"]


@pytest.mark.parametrize("padding", ["", "=="])
def test_the_signature_may_be_padded_or_not(desk: Desk, padding: str) -> None:
    query = desk.query()
    query["client_secret"] = query["client_secret"].rstrip("=") + padding
    assert desk.authorize(query).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "client_certificate_hash", "client_secret", "scope", "state", "timestamp", "response_type",
        "access_type",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, ""])
def test_an_absent_parameter_is_refused(desk: Desk, name: str, value: str | None) -> None:
    done = desk.authorize(desk.query(**{name: value}))
    told = answer(done)
    assert told["error"] == "invalid_request"
    assert told["error_description"] == (
        f"ESIA-007014: The request doesn`t contain the mandatory parameter [{name}]."
    )


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_without_client_or_redirect_the_person_sees_a_page(desk: Desk, name: str) -> None:
    done = desk.authorize(desk.query(**{name: None}))
    assert (done.status_code, refused_code(done)) == (400, "ESIA-007014")
    assert "Location" not in done.headers


@pytest.mark.parametrize(
    "name", ["client_id", "state", "client_secret", "scope", "scope_org", "code_challenge"]
)
def test_a_repeated_parameter_is_refused(desk: Desk, name: str) -> None:
    query = desk.query()
    done = desk.authorize(f"{urlencode(query)}&{urlencode({name: query[name]})}")
    assert (done.status_code, refused_code(done)) == (400, "ESIA-007003")


def test_an_unknown_system_is_refused(desk: Desk) -> None:
    done = desk.authorize(desk.query(client_id="NOBODY"))
    assert (done.status_code, refused_code(done)) == (400, "ESIA-007005")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.4:8082/esia/callback",
        "https://127.0.0.3:8082/esia/callback",
        "http://127.0.0.3.example/esia/callback",
        "http://127.0.0.3@127.0.0.4/",
        "http://127.0.0.3/../x",
        "http://127.0.0.3/#fragment",
        "http://127.0.0.3:port/",
        "//127.0.0.3/",
        "javascript:alert(1)",
    ],
)
def test_another_redirect_shows_a_page_and_does_not_redirect(desk: Desk, address: str) -> None:
    done = desk.authorize(desk.query(redirect_uri=address))
    assert (done.status_code, refused_code(done)) == (400, "ESIA-007023")
    assert "Location" not in done.headers
    assert "Войти не получилось" in done.text


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ESIA-007003", {"response_type": "token"}),
        ("ESIA-007003", {"access_type": "offline"}),
        ("ESIA-007003", {"state": "not-a-uuid"}),
        ("ESIA-007003", {"state": "{00000000-0000-4000-8000-000000000000}"}),
        ("ESIA-007003", {"person_filter": base64.b64encode(b"acc_kid").decode()}),
        ("ESIA-007003", {"person_filter": "conf_acc"}),
        ("ESIA-007003", {"code_challenge_method": "plain"}),
        ("ESIA-007003", {"code_challenge_method": None}),
        ("ESIA-007003", {"code_challenge": "short"}),
        ("ESIA-007006", {"scope": "openid id_doc"}),
        ("ESIA-007006", {"scope": "openid  snils"}),
        ("ESIA-007006", {"scope": "openid openid"}),
        ("ESIA-007006", {"scope": "http://esia.gosuslugi.ru/usr_inf"}),
        ("ESIA-007015", {"timestamp": "2026-11-23T12:00:00Z"}),
        ("ESIA-007015", {"timestamp": "2026.11.23 12:00:00"}),
        ("ESIA-007015", {"timestamp": "2026.11.23 12:00:00  0000"}),
        ("ESIA-007015", {"timestamp": "2026.11.23 12:00:00 +0700"}),
        ("ESIA-007053", {"client_certificate_hash": "A" * 64}),
        ("ESIA-007053", {"client_certificate_hash": "A" * 40}),
        ("ESIA-007053", {"client_secret": "A" * 86}),
        ("ESIA-007053", {"client_secret": "A" * 85}),
        ("ESIA-007053", {"client_secret": "MII" + "A" * 2000}),
    ],
)
def test_a_wrong_parameter_is_refused(desk: Desk, code: str, changes: dict[str, Any]) -> None:
    done = desk.authorize(desk.query(**changes))
    assert (done.status_code, refused_code(done)) == (303, code)


def test_a_hash_in_lower_case_is_refused(desk: Desk) -> None:
    query = desk.query()
    query["client_certificate_hash"] = query["client_certificate_hash"].lower()
    assert answer(desk.authorize(query))["error_description"].startswith("ESIA-007053: ")


def test_the_certificate_of_another_system_is_refused(desk: Desk) -> None:
    other = (desk.state / "other.cert.der").read_bytes()
    client = EsiaClient(desk.settings(certificate=other), desk.transport, lambda: desk.now)
    done = desk.http.get(client.authorization_url(uuid4(), desk.verifier))
    assert refused_code(done) == "ESIA-007002"


def test_the_signature_of_another_key_is_refused(desk: Desk) -> None:
    client = EsiaClient(desk.settings(sign=desk.signer("other")), desk.transport, lambda: desk.now)
    told = answer(desk.http.get(client.authorization_url(uuid4(), desk.verifier)))
    assert told["error"] == "access_denied"
    assert told["error_description"] == "ESIA-007053: OAuthErrorEnum.clientSecretWrong"


def test_a_signature_in_the_order_of_cryptopro_is_refused(desk: Desk) -> None:
    sign = desk.signer()
    client = EsiaClient(
        desk.settings(sign=lambda message: sign(message)[::-1]), desk.transport, lambda: desk.now
    )
    done = desk.http.get(client.authorization_url(uuid4(), desk.verifier))
    assert refused_code(done) == "ESIA-007053"


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "openid snils"},
        {"state": "00000000-0000-4000-8000-000000000000"},
        {"redirect_uri": CALLBACK + "2"},
        {"timestamp": "2026.11.23 12:00:01 +0000"},
        {"scope_org": "org_inf"},
    ],
)
def test_what_is_signed_cannot_be_changed(desk: Desk, changes: dict[str, str]) -> None:
    assert refused_code(desk.authorize(desk.query(**changes))) == "ESIA-007053"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_differ_within_the_window(desk: Desk, seconds: int) -> None:
    query = desk.query()
    desk.now += timedelta(seconds=seconds)
    assert desk.authorize(query).status_code == 200


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_request_outside_the_window_is_refused(desk: Desk, seconds: int) -> None:
    query = desk.query()
    desk.now += timedelta(seconds=seconds)
    assert refused_code(desk.authorize(query)) == "ESIA-007015"


def test_a_scope_that_is_not_registered_for_the_system_is_refused(own_desk: Desk) -> None:
    save_client(
        own_desk.state,
        "VECHE22",
        certificate="client.cert.der",
        redirects=("http://127.0.0.3/",),
        scopes=frozenset({"openid", "birthdate"}),
    )
    desk = Desk(own_desk.state)
    assert refused_code(desk.authorize(desk.query())) == "ESIA-007019"


def test_an_unconfirmed_account_is_filtered_out(desk: Desk) -> None:
    told = desk.choose(desk.authorize(desk.query()), "unconfirmed")
    assert told["error"] == "access_denied"
    assert told["error_description"].startswith("ESIA-007055: ")
    assert "code" not in told


@pytest.mark.parametrize("resident", ["", "nobody"])
def test_who_declines_goes_back_with_a_refusal(desk: Desk, resident: str) -> None:
    query = desk.query()
    told = desk.choose(desk.authorize(query), resident)
    assert told["error_description"].startswith("ESIA-007004: ")
    assert told["state"] == query["state"]


def test_a_page_answers_once_and_not_for_ever(desk: Desk) -> None:
    page = desk.authorize(desk.query())
    desk.choose(page, "barnaul-1")
    with pytest.raises(AssertionError):
        desk.choose(page, "barnaul-1")
    page = desk.authorize(desk.query())
    desk.now += timedelta(minutes=10)
    with pytest.raises(AssertionError):
        desk.choose(page, "barnaul-1")


def test_logout_goes_back_to_a_registered_address_only(desk: Desk) -> None:
    def logout(address: str) -> httpx.Response:
        query = urlencode({"client_id": "VECHE22", "redirect_url": address})
        return desk.http.get(f"{URL}/idp/ext/Logout?{query}")

    assert logout("http://127.0.0.3:8082/").headers["Location"] == "http://127.0.0.3:8082/"
    assert refused_code(logout("http://127.0.0.4/")) == "ESIA-007023"
    assert refused_code(desk.http.get(f"{URL}/idp/ext/Logout?client_id=VECHE22")) == "ESIA-007023"


def test_unpadded_base64url_is_what_our_client_sends(desk: Desk) -> None:
    secret = desk.query()["client_secret"]
    assert len(secret) == 86
    assert b64u(base64.urlsafe_b64decode(secret + "==")) == secret
