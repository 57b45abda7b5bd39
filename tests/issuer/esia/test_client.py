"""The client against answers of every kind; the stand's own tests show it against a strict ESIA."""

import base64
import hashlib
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest

from issuer.esia import gost, gost_asn1
from issuer.esia.client import EsiaClient, EsiaSettings, Tokens
from issuer.esia.errors import (
    EsiaAnswerInvalid,
    EsiaError,
    EsiaRefused,
    EsiaTokenInvalid,
    EsiaUnavailable,
    SignerFailed,
    refusal,
)
from tests.issuer.esia.keys import NOW, gost_certificate, gost_key, rsa_key
from tests.issuer.esia.test_person import answer, collection, prg
from tests.issuer.esia.test_tokens import (
    OID,
    access_claims,
    access_header,
    id_claims,
    id_header,
    sign,
    subject,
)

STATE = UUID("5d0f2b0c-9a53-4d3e-8a5b-0c5f6a7b8c9d")
VERIFIER = "a" * 43
SCOPE = "openid birthdate snils addresses"
TOKENS = Tokens("secret-access-token", OID, confirmed=True)
CODE = "secret-code"
PERSON = f"/rs/prns/{OID}?embed=(addresses.elements)"
ADDRESSES = f"/rs/prns/{OID}/addrs?embed=(elements)"
SECRETS = (CODE, "secret-access-token", str(OID), "11223344595", VERIFIER)

Handler = Callable[[httpx.Request], httpx.Response]


def settings(**changes: Any) -> EsiaSettings:
    given: dict[str, Any] = {
        "base_url": "https://esia.gosuslugi.ru",
        "client_id": "VECHE22",
        "redirect_uri": "https://issuer.example/esia/callback",
        "certificate": gost_certificate(),
        "sign": lambda message: gost.sign(gost_key(), message),
        "verification_keys": (rsa_key().public_key(), gost_key().public_key()),
    }
    return EsiaSettings(**given | changes)


def client(handler: Handler, **changes: Any) -> EsiaClient:
    return EsiaClient(settings(**changes), httpx.MockTransport(handler), lambda: NOW)


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"no route to {request.url}", request=request)


def good_tokens(request: httpx.Request, **changes: Any) -> httpx.Response:
    form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    scope = " ".join(f"{name}?oid={OID}" for name in SCOPE.split())
    body = {
        "state": form["state"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_token": sign(access_header(), access_claims(scope=scope)),
        "id_token": sign(id_header(), id_claims()),
    }
    return httpx.Response(200, json=body | changes)


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)


def verify_secret(values: dict[str, str]) -> None:
    """Check the signature over the values in the order of ESIA's guidelines."""
    names = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
    message = "".join(values.get(name, "") for name in names).encode()
    gost.verify(gost_key().public_key(), message, base64.urlsafe_b64decode(values["client_secret"] + "=="))


def test_the_browser_is_sent_with_signed_parameters_each_once() -> None:
    url = client(unreachable).authorization_url(STATE, VERIFIER)
    query = query_of(url)
    assert url.startswith("https://esia.gosuslugi.ru/aas/oauth2/v2/ac?")
    assert all(len(values) == 1 for values in query.values())
    values = {name: each[0] for name, each in query.items()}
    verify_secret(values)
    del values["client_secret"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    assert values == {
        "client_id": "VECHE22",
        "client_certificate_hash": gost_asn1.certificate_hash(gost_certificate()),
        "redirect_uri": "https://issuer.example/esia/callback",
        "scope": SCOPE,
        "scope_org": "",
        "response_type": "code",
        "state": str(STATE),
        "access_type": "online",
        "timestamp": "2026.11.23 12:00:00 +0000",
        "person_filter": "Y29uZl9hY2M=",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def test_the_plus_of_the_timestamp_is_escaped_and_no_name_is_asked_for() -> None:
    url = client(unreachable).authorization_url(STATE, VERIFIER)
    assert "%2B0000" in url
    assert "fullname" not in url


def test_all_accounts_can_be_let_in_for_the_second_sign_to_decide() -> None:
    url = client(unreachable, confirmed_only=False).authorization_url(STATE, VERIFIER)
    assert "person_filter" not in query_of(url)


def test_a_code_is_exchanged_with_a_fresh_signed_state() -> None:
    sent: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url)) == ("POST", "https://esia.gosuslugi.ru/aas/oauth2/v3/te")
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        sent.append(dict(parse_qsl(request.content.decode(), keep_blank_values=True)))
        return good_tokens(request)

    esia = client(handler)
    for _ in range(2):
        assert esia.exchange("secret-code", VERIFIER).oid == OID
    first, second = sent
    verify_secret(first)
    assert first["state"] != second["state"]
    assert first["state"] == str(UUID(first["state"]))
    assert first["code"] == "secret-code"
    assert first["code_verifier"] == VERIFIER
    assert (first["grant_type"], first["token_type"]) == ("authorization_code", "Bearer")
    assert "refresh_token" not in first


@pytest.mark.parametrize(
    ("name", "changes", "error"),
    [
        ("another state", {"state": str(STATE)}, EsiaAnswerInvalid),
        ("no state", {"state": None}, EsiaAnswerInvalid),
        ("no access token", {"access_token": None}, EsiaAnswerInvalid),
        ("no id token", {"id_token": None}, EsiaAnswerInvalid),
        ("no JWT", {"access_token": "opaque"}, EsiaTokenInvalid),
        ("two accounts", {"id_token": sign(id_header(), id_claims(
            **{"sub": OID + 1, "urn:esia:sbj": subject(oid=OID + 1)}
        ))}, EsiaTokenInvalid),
        ("fewer scopes", {"access_token": sign(access_header(), access_claims())}, EsiaTokenInvalid),
        ("tokens swapped", {"access_token": sign(id_header(), id_claims())}, EsiaTokenInvalid),
    ],
)  # fmt: skip
def test_another_token_answer_is_refused(name: str, changes: dict[str, Any], error: type[EsiaError]) -> None:
    with pytest.raises(error):
        client(lambda request: good_tokens(request, **changes)).exchange("secret-code", VERIFIER)


def refused(request: httpx.Request) -> httpx.Response:
    body = {
        "error": "invalid_grant",
        "error_description": f"ESIA-007011: the code secret-code of {OID} is used",
        "state": "x",
    }
    return httpx.Response(400, json=body)


def test_a_refusal_carries_esias_code_and_nothing_else() -> None:
    with pytest.raises(EsiaRefused) as caught:
        client(refused).exchange("secret-code", VERIFIER)
    assert caught.value.code == str(caught.value) == "ESIA-007011"


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("ESIA-007004: access denied", "ESIA-007004"),
        ("ESIA-007055", "ESIA-007055"),
        ("something ESIA-007055", "ESIA-000000"),
        ("", "ESIA-000000"),
        (None, "ESIA-000000"),
    ],
)
def test_the_code_is_read_from_a_description(description: str | None, code: str) -> None:
    assert refusal(description).code == code


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(500, text="secret-code"), EsiaUnavailable),
        (httpx.Response(503, json={"error_description": "ESIA-007011: "}), EsiaUnavailable),
        (httpx.Response(429), EsiaUnavailable),
        (httpx.Response(400, json={"error_description": "ESIA-007008: busy"}), EsiaUnavailable),
        (httpx.Response(403), EsiaRefused),
        (httpx.Response(400, text="<html>"), EsiaRefused),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), EsiaAnswerInvalid),
        (httpx.Response(200, text="<html>secret-code</html>"), EsiaAnswerInvalid),
        (httpx.Response(200, json=["list"]), EsiaAnswerInvalid),
        (httpx.Response(200, text='{"state":"a","state":"b"}'), EsiaAnswerInvalid),
        (httpx.Response(200, content=b" " * 262_145), EsiaAnswerInvalid),
        (httpx.Response(204), EsiaAnswerInvalid),
    ],
)
def test_another_answer_is_told_apart(response: httpx.Response, error: type[EsiaError]) -> None:
    with pytest.raises(error):
        client(lambda _: response).exchange("secret-code", VERIFIER)


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError],
)
def test_a_broken_connection_means_unavailable(failure: type[httpx.TransportError]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise failure("broken", request=request)

    with pytest.raises(EsiaUnavailable):
        client(handler).exchange("secret-code", VERIFIER)


def test_an_endless_answer_is_cut() -> None:
    pulled = 0

    def endless() -> Iterator[bytes]:
        nonlocal pulled
        while True:
            pulled += 1
            yield b" " * 65_536

    with pytest.raises(EsiaAnswerInvalid, match="size"):
        client(lambda _: httpx.Response(200, content=endless())).exchange("secret-code", VERIFIER)
    assert pulled < 10


def test_a_failing_signer_sends_nothing() -> None:
    def fail(message: bytes) -> bytes:
        raise SignerFailed("no token in the reader")

    sent: list[httpx.Request] = []
    with pytest.raises(EsiaUnavailable):
        client(lambda request: sent.append(request) or refused(request), sign=fail).exchange("c", VERIFIER)  # type: ignore[func-returns-value]
    assert sent == []


def person_data(request: httpx.Request) -> httpx.Response:
    assert request.headers["Authorization"] == f"Bearer {TOKENS.access_token}"
    whole = answer(snils="112-233-445 95") | {"addresses": collection(prg())}
    return httpx.Response(200, json={PERSON: whole}[request.url.raw_path.decode()])


def addresses_apart(request: httpx.Request) -> httpx.Response:
    assert request.headers["Authorization"] == f"Bearer {TOKENS.access_token}"
    bodies = {PERSON: answer(snils="112-233-445 95"), ADDRESSES: collection(prg())}
    return httpx.Response(200, json=bodies[request.url.raw_path.decode()])


@pytest.mark.parametrize("esia", [person_data, addresses_apart])
def test_person_and_addresses_are_read_by_rest(esia: Handler) -> None:
    person = client(esia).person(TOKENS)
    assert (person.oid, person.snils, person.confirmed) == (OID, "11223344595", True)
    assert person.registration is not None


def test_a_byte_order_mark_before_the_answer_does_not_matter() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"\xef\xbb\xbf" + person_data(request).content)

    assert client(handler).person(TOKENS).snils == "11223344595"


def test_without_the_token_sign_a_trusted_account_is_not_confirmed() -> None:
    assert not client(person_data).person(Tokens(TOKENS.access_token, OID, confirmed=False)).confirmed


@pytest.mark.parametrize("path", [PERSON, ADDRESSES])
def test_a_forbidden_resource_is_a_refusal(path: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.raw_path.decode() == path:
            return httpx.Response(403)
        return addresses_apart(request)

    with pytest.raises(EsiaRefused):
        client(handler).person(TOKENS)


def errors_of(esia: EsiaClient) -> list[BaseException]:
    """What exchange and person raise."""
    raised: list[BaseException] = []
    for step in (lambda: esia.exchange(CODE, VERIFIER), lambda: esia.person(TOKENS)):
        try:
            step()
        except EsiaError as error:
            raised.append(error)
    return raised


def test_nothing_personal_is_logged_or_told_in_errors(caplog: pytest.LogCaptureFixture) -> None:
    def bad_person(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer(snils=f"112-233-445 96 {CODE}", state=CODE))

    with caplog.at_level(logging.DEBUG):
        raised = [
            error for handler in (unreachable, refused, bad_person) for error in errors_of(client(handler))
        ]
        client(person_data).person(TOKENS)
    assert len(raised) == 6
    texts = ["".join(traceback.format_exception(error)) for error in raised]
    said = "".join([caplog.text, *texts, repr(TOKENS), repr(settings()), *map(repr, raised)])
    assert not [secret for secret in SECRETS if secret in said]


def test_the_issuer_of_tokens_is_written_with_http_and_a_slash() -> None:
    assert settings().issuer == "http://esia.gosuslugi.ru/"
    assert settings(base_url="http://127.0.0.2:8081").issuer == "http://127.0.0.2:8081/"
