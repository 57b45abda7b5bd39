"""v3/te: codes, tokens, and each refusal."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from issuer.esia.client import EsiaClient
from issuer.esia.errors import EsiaRefused, EsiaTokenInvalid
from issuer.esia_stand.keys import rotate_keys
from tests.issuer.esia_stand.desk import CALLBACK, Desk, is_uuid, refused_code


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return value


@pytest.mark.parametrize("algorithm", ["RS256", "GOST3410_2012_256"])
def test_a_sign_in_ends_with_tokens_that_verify(desk: Desk, algorithm: Any) -> None:
    tokens = Desk(desk.state, algorithm).sign_in()
    assert (tokens.oid, tokens.confirmed) == (1000300601, True)


def test_the_answer_is_as_esia_gives_it(desk: Desk) -> None:
    form = desk.form(desk.code())
    told = desk.exchange(form).json()
    assert set(told) == {"state", "token_type", "expires_in", "id_token", "access_token"}
    assert (told["state"], told["token_type"], told["expires_in"]) == (form["state"], "Bearer", 3600)
    access, identity = part(told["access_token"], 1), part(told["id_token"], 1)
    assert part(told["access_token"], 0) == {"ver": 1, "typ": "JWT", "sbt": "access", "alg": "RS256"}
    assert part(told["id_token"], 0) == {"ver": 0, "typ": "JWT", "sbt": "id", "alg": "RS256"}
    assert access["scope"] == (
        "openid birthdate?oid=1000300601 snils?oid=1000300601 addresses?oid=1000300601"
    )
    assert "aud" not in access
    assert access["exp"] - access["iat"] == 3600
    assert identity["exp"] - identity["iat"] == 10800
    assert identity["amr"] == "PWD"
    assert identity["sub"] == identity["urn:esia:sbj"]["urn:esia:sbj:oid"] == 1000300601
    assert access["iss"] == "http://127.0.0.2:8081/"


def test_slashes_are_escaped_as_esia_does(desk: Desk) -> None:
    text = desk.sign_in().access_token.split(".")[1]
    assert b'"iss":"http:\\/\\/127.0.0.2:8081\\/"' in base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_code_is_a_token_of_240_seconds(desk: Desk) -> None:
    code = desk.code()
    assert part(code, 0)["sbt"] == "authorization_code"
    claims = part(code, 1)
    assert claims["exp"] - claims["iat"] == 240
    assert is_uuid(claims["urn:esia:client:state"])


def test_without_openid_there_is_no_id_token(desk: Desk) -> None:
    client = EsiaClient(desk.settings(scopes=("snils",)), desk.transport, lambda: desk.now)
    desk.client = client
    told = desk.exchange(desk.form(desk.code())).json()
    assert "id_token" not in told
    assert "access_token" in told


def test_a_code_is_good_once(desk: Desk) -> None:
    code = desk.code()
    desk.client.exchange(code, desk.verifier)
    with pytest.raises(EsiaRefused) as caught:
        desk.client.exchange(code, desk.verifier)
    assert caught.value.code == "ESIA-007011"


def test_a_code_is_good_for_240_seconds(desk: Desk) -> None:
    code = desk.code()
    desk.now += timedelta(seconds=239)
    desk.client.exchange(code, desk.verifier)
    code = desk.code()
    desk.now += timedelta(seconds=240)
    assert refused_code(desk.exchange(desk.form(code))) == "ESIA-007011"


def test_a_code_is_no_good_for_another_system(desk: Desk) -> None:
    code = desk.code()
    settings = desk.settings(
        client_id="OTHER22",
        certificate=(desk.state / "other.cert.der").read_bytes(),
        sign=desk.signer("other"),
    )
    other = EsiaClient(settings, desk.transport, lambda: desk.now)
    with pytest.raises(EsiaRefused, match="ESIA-007011"):
        other.exchange(code, desk.verifier)


def test_a_code_is_bound_to_the_redirect(desk: Desk) -> None:
    code = desk.code()
    other = EsiaClient(desk.settings(redirect_uri=CALLBACK + "/2"), desk.transport, lambda: desk.now)
    with pytest.raises(EsiaRefused, match="ESIA-007011"):
        other.exchange(code, desk.verifier)


def test_a_code_is_bound_to_the_scope(desk: Desk) -> None:
    code = desk.code()
    other = EsiaClient(desk.settings(scopes=("openid", "snils")), desk.transport, lambda: desk.now)
    with pytest.raises(EsiaRefused, match="ESIA-007006"):
        other.exchange(code, desk.verifier)


def test_a_forged_code_is_refused(desk: Desk) -> None:
    with pytest.raises(EsiaRefused, match="ESIA-007011"):
        desk.client.exchange(desk.code()[:-4] + "AAAA", desk.verifier)


@pytest.mark.parametrize(
    "name",
    [
        "client_id", "client_certificate_hash", "client_secret", "code", "redirect_uri", "scope", "state",
        "timestamp", "token_type", "grant_type",
    ],
)  # fmt: skip
def test_an_absent_field_is_refused(desk: Desk, name: str) -> None:
    done = desk.exchange(desk.form(desk.code(), **{name: None}))
    assert done.status_code == 400
    told = done.json()
    assert told["error_description"] == (
        f"ESIA-007014: The request doesn`t contain the mandatory parameter [{name}]."
    )
    assert ("state" in told) == (name != "state")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ESIA-007003", {"token_type": "MAC"}),
        ("ESIA-007003", {"state": "1"}),
        ("ESIA-007005", {"client_id": "NOBODY"}),
        ("ESIA-007009", {"grant_type": "password"}),
        ("ESIA-007009", {"grant_type": "refresh_token"}),
        ("ESIA-007015", {"timestamp": "2026.11.23 13:00:00 +0000"}),
        ("ESIA-007023", {"redirect_uri": "http://127.0.0.4/"}),
        ("ESIA-007040", {"code_verifier": "A" * 43}),
        ("ESIA-007040", {"code_verifier": None}),
        ("ESIA-007053", {"client_secret": "A" * 86}),
        ("ESIA-007053", {"client_certificate_hash": "0" * 64}),
        ("ESIA-007053", {"code": "another"}),
    ],
)
def test_a_wrong_field_is_refused(desk: Desk, code: str, changes: dict[str, Any]) -> None:
    done = desk.exchange(desk.form(desk.code(), **changes))
    assert (done.status_code, refused_code(done)) == (400, code)


def test_a_repeated_field_is_refused(desk: Desk) -> None:
    body = b"code=1&code=2"
    done = desk.exchange(body, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert refused_code(done) == "ESIA-007003"


def test_json_has_no_parameters(desk: Desk) -> None:
    body = json.dumps(desk.form(desk.code())).encode()
    done = desk.exchange(body, **{"Content-Type": "application/json"})
    assert refused_code(done) == "ESIA-007014"


def test_a_verifier_without_a_challenge_before_is_refused(desk: Desk) -> None:
    page = desk.authorize(desk.query(code_challenge=None, code_challenge_method=None))
    code = desk.choose(page, "barnaul-1")["code"]
    assert refused_code(desk.exchange(desk.form(code))) == "ESIA-007039"


def test_pkce_is_optional(desk: Desk) -> None:
    page = desk.authorize(desk.query(code_challenge=None, code_challenge_method=None))
    code = desk.choose(page, "barnaul-1")["code"]
    assert desk.exchange(desk.form(code, code_verifier=None)).status_code == 200


def test_a_wrong_signature_does_not_use_the_code_up(desk: Desk) -> None:
    form = desk.form(desk.code())
    assert desk.exchange(form | {"client_secret": "A" * 86}).status_code == 400
    assert desk.exchange(form).status_code == 200


@pytest.mark.parametrize("algorithm", ["RS256", "GOST3410_2012_256"])
def test_after_a_rotation_old_and_new_keys_verify_for_who_has_both(own_desk: Desk, algorithm: Any) -> None:
    before = own_desk.settings().verification_keys
    rotate_keys(own_desk.state)
    after = Desk(own_desk.state, algorithm)
    both = after.settings(verification_keys=(*before, *after.settings().verification_keys))
    code = after.code()
    after.client = EsiaClient(both, after.transport, lambda: after.now)
    assert after.client.exchange(code, after.verifier).oid == 1000300601
    stale = EsiaClient(after.settings(verification_keys=before), after.transport, lambda: after.now)
    with pytest.raises(EsiaTokenInvalid, match="signature"):
        stale.exchange(after.code(), after.verifier)


def test_a_rotation_keeps_the_old_certificates(own_desk: Desk) -> None:
    old = (own_desk.state / "esia.rsa.cert.der").read_bytes()
    rotate_keys(own_desk.state)
    assert (own_desk.state / "previous.esia.rsa.cert.der").read_bytes() == old
    assert (own_desk.state / "esia.rsa.cert.der").read_bytes() != old
