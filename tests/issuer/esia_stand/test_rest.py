"""/rs/prns: what a token opens, and what it does not."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from issuer.esia.client import EsiaClient
from tests.issuer.esia_stand.desk import URL, Desk

OID = 1000300601


def get(desk: Desk, path: str, token: str) -> httpx.Response:
    return desk.http.get(f"{URL}/rs/prns/{path}", headers={"Authorization": f"Bearer {token}"})


def token_with(desk: Desk, *scopes: str, resident: str = "barnaul-1") -> str:
    settings = desk.settings(scopes=scopes, confirmed_only=False)
    desk.client = EsiaClient(settings, desk.transport, lambda: desk.now)
    told: dict[str, Any] = desk.exchange(desk.form(desk.code(resident))).json()
    return str(told["access_token"])


def test_fields_come_with_their_scopes(desk: Desk) -> None:
    person = get(desk, f"{OID}", token_with(desk, "openid")).json()
    assert not {"snils", "birthDate", "firstName"} & set(person)
    assert (person["trusted"], person["status"]) == (True, "REGISTERED")
    person = get(desk, f"{OID}", token_with(desk, "openid", "snils", "birthdate")).json()
    assert (person["snils"], person["birthDate"]) == ("000-000-601 19", "12.03.1984")
    person = get(desk, f"{OID}", token_with(desk, "fullname")).json()
    assert (person["firstName"], person["lastName"]) == ("Анна", "Примерова")


def test_addresses_come_with_their_scope_only(desk: Desk) -> None:
    assert get(desk, f"{OID}/addrs", token_with(desk, "openid", "snils")).status_code == 403


@pytest.mark.parametrize("collection", ["ctts", "docs", "kids", "vhls", "roles", "orgs"])
def test_other_collections_are_forbidden(desk: Desk, collection: str) -> None:
    assert get(desk, f"{OID}/{collection}", token_with(desk, "openid", "addresses")).status_code == 403


def test_addresses_are_links_or_embedded(desk: Desk) -> None:
    token = token_with(desk, "addresses")
    plain = get(desk, f"{OID}/addrs", token).json()
    assert plain["size"] == 1
    whole = get(desk, f"{OID}/addrs?embed=(elements)", token).json()
    assert whole["elements"][0]["type"] == "PRG"
    link = plain["elements"][0]
    assert link.startswith(f"{URL}/rs/prns/{OID}/addrs/")
    assert get(desk, link.removeprefix(f"{URL}/rs/prns/"), token).json() == whole["elements"][0]
    assert get(desk, f"{OID}/addrs/1", token).status_code == 404


def test_a_person_comes_with_addresses_when_asked_for_both(desk: Desk) -> None:
    token = token_with(desk, "openid", "snils", "addresses")
    both, path = get(desk, f"{OID}?embed=(addresses.elements)", token).json(), f"{OID}/addrs?embed=(elements)"
    assert both["snils"] == get(desk, f"{OID}", token).json()["snils"]
    assert both["addresses"] == get(desk, path, token).json()
    assert get(desk, f"{OID}?embed=(docs.elements)", token).status_code == 400
    assert get(desk, f"{OID}?embed=(addresses.elements)", token_with(desk, "snils")).status_code == 403


def test_an_empty_list_is_a_list(desk: Desk) -> None:
    token = token_with(desk, "addresses", resident="no-address")
    assert get(desk, "1000300624/addrs?embed=(elements)", token).json()["elements"] == []


def test_answers_carry_schema_and_tag(desk: Desk) -> None:
    done = get(desk, f"{OID}", token_with(desk, "openid"))
    assert done.headers["Content-Type"] == f'application/json; schema="{URL}/rs/model/prn/Person-3"'
    assert done.headers["ETag"].strip('"') == done.json()["eTag"]


def test_a_token_opens_its_own_account_alone(desk: Desk) -> None:
    token = token_with(desk, "openid", "addresses")
    assert get(desk, f"{OID + 1}", token).status_code == 403
    assert get(desk, f"{OID + 1}/addrs", token).status_code == 403


def test_without_a_valid_token_nothing_opens(desk: Desk) -> None:
    token = token_with(desk, "openid")
    assert desk.http.get(f"{URL}/rs/prns/{OID}").status_code == 401
    assert get(desk, f"{OID}", token + "A").status_code == 401
    desk.now += timedelta(seconds=3600)
    assert get(desk, f"{OID}", token).status_code == 401
