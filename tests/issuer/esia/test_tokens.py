"""Verification of ESIA's tokens: what passes, and each thing that must not."""

import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import RSAKey

from issuer.esia import gost, gost_asn1
from issuer.esia.errors import EsiaTokenInvalid, GostKeyInvalid
from issuer.esia.tokens import (
    Verification,
    load_verification_key,
    verify_access_token,
    verify_id_token,
)
from shared.encoding import b64u
from tests.issuer.esia.keys import NOW, gost_certificate, gost_key, rsa_key

SECONDS = int(NOW.timestamp())
OID = 1000299681
ISSUER = "http://esia.gosuslugi.ru/"
ALGORITHMS = ("RS256", "GOST3410_2012_256")
KEYS = (rsa_key().public_key(), gost_key().public_key())
VERIFICATION = Verification(KEYS, ISSUER, "VECHE22")


def part(value: Any) -> str:
    return b64u(json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode())


def sign(header: dict[str, Any], claims: Any, key: str = "one") -> str:
    signed = f"{part(header)}.{part(claims)}"
    if header["alg"] == "RS256":
        return f"{signed}.{b64u(rsa_key(key).sign(signed.encode(), PKCS1v15(), SHA256()))}"
    return f"{signed}.{b64u(gost.sign(gost_key(key), signed.encode()))}"


def access_header(alg: str = "RS256", **changes: Any) -> dict[str, Any]:
    return {"ver": 1, "typ": "JWT", "sbt": "access", "alg": alg} | changes


def id_header(alg: str = "RS256", **changes: Any) -> dict[str, Any]:
    return {"ver": 0, "typ": "JWT", "sbt": "id", "alg": alg} | changes


def access_claims(**changes: Any) -> dict[str, Any]:
    return {
        "nbf": SECONDS,
        "scope": f"openid birthdate?oid={OID} snils?oid={OID}",
        "iss": ISSUER,
        "urn:esia:sid": "session",
        "urn:esia:sbj_id": OID,
        "exp": SECONDS + 3600,
        "iat": SECONDS,
        "client_id": "VECHE22",
    } | changes


def subject(**changes: Any) -> dict[str, Any]:
    return {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:is_tru": True,
        "urn:esia:sbj:oid": OID,
        "urn:esia:sbj:nam": f"OID.{OID}",
        "urn:esia:sbj:lvl": "PR",
    } | {f"urn:esia:sbj:{name}": value for name, value in changes.items()}


def id_claims(**changes: Any) -> dict[str, Any]:
    return {
        "aud": "VECHE22",
        "sub": OID,
        "nbf": SECONDS,
        "amr": "PWD",
        "urn:esia:amd": "PWD",
        "auth_time": SECONDS,
        "iss": ISSUER,
        "urn:esia:sid": "session",
        "urn:esia:sbj": subject(),
        "exp": SECONDS + 10800,
        "iat": SECONDS,
    } | changes


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_access_token_names_account_and_scopes(alg: str) -> None:
    claims = verify_access_token(sign(access_header(alg), access_claims()), VERIFICATION, NOW)
    assert claims.oid == OID
    assert claims.scopes == {"openid", "birthdate", "snils"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_id_token_names_account_and_confirmation(alg: str) -> None:
    claims = verify_id_token(sign(id_header(alg), id_claims()), VERIFICATION, NOW)
    assert (claims.oid, claims.confirmed) == (OID, True)


@pytest.mark.interop
def test_a_token_made_by_another_jose_library_verifies() -> None:
    header, key = id_header(), RSAKey.import_key(rsa_key())
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    token = jws.serialize_compact(header, json.dumps(id_claims()), key, registry=registry)
    assert verify_id_token(token, VERIFICATION, NOW).oid == OID


@pytest.mark.parametrize(
    ("changes", "confirmed"),
    [
        ({}, True),
        ({"is_tru": False}, False),
        ({"is_tru": "true"}, False),
        ({"is_tru": 1}, False),
        ({"lvl": "P"}, False),
        ({"lvl": "KD"}, False),
    ],
)
def test_only_a_true_and_confirmed_account_is_confirmed(changes: dict[str, Any], *, confirmed: bool) -> None:
    token = sign(id_header(), id_claims(**{"urn:esia:sbj": subject(**changes)}))
    assert verify_id_token(token, VERIFICATION, NOW).confirmed is confirmed


def test_an_account_without_is_tru_is_not_confirmed() -> None:
    without = {name: value for name, value in subject().items() if not name.endswith("is_tru")}
    token = sign(id_header(), id_claims(**{"urn:esia:sbj": without}))
    assert verify_id_token(token, VERIFICATION, NOW).confirmed is False


@pytest.mark.attack("A27")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("another system's", {"client_id": "OTHER"}),
        ("another issuer", {"iss": "http://esia-portal1.test.gosuslugi.ru/"}),
        ("issuer with https", {"iss": "https://esia.gosuslugi.ru/"}),
        ("issuer without slash", {"iss": "http://esia.gosuslugi.ru"}),
        ("expired", {"exp": SECONDS - 61}),
        ("of the future", {"iat": SECONDS + 120}),
        ("not yet", {"nbf": SECONDS + 120}),
        ("time as text", {"exp": str(SECONDS + 3600)}),
        ("time as boolean", {"nbf": True}),
        ("time as fraction", {"exp": SECONDS + 3600.5}),
        ("no time", {"exp": None}),
        ("account as text", {"urn:esia:sbj_id": str(OID)}),
        ("account true", {"urn:esia:sbj_id": True}),
        ("account zero", {"urn:esia:sbj_id": 0}),
        ("no account", {"urn:esia:sbj_id": None}),
        ("scope as a list", {"scope": ["openid"]}),
    ],
)
def test_an_access_token_with_another_claim_is_refused(name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(EsiaTokenInvalid):
        verify_access_token(sign(access_header(), access_claims(**changes)), VERIFICATION, NOW)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("another audience", {"aud": "OTHER"}),
        ("a list as audience", {"aud": ["VECHE22"]}),
        ("subject as text", {"sub": str(OID)}),
        ("another subject inside", {"sub": OID + 1}),
        ("amr as a list", {"amr": ["PWD"]}),
        ("no subject inside", {"urn:esia:sbj": None}),
        ("an organisation", {"urn:esia:sbj": subject(typ="O")}),
        ("expired", {"exp": SECONDS - 61}),
    ],
)
def test_an_id_token_with_another_claim_is_refused(name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(EsiaTokenInvalid):
        verify_id_token(sign(id_header(), id_claims(**changes)), VERIFICATION, NOW)


def test_clocks_may_differ_by_a_minute() -> None:
    token = sign(access_header(), access_claims())
    verify_access_token(token, VERIFICATION, NOW - timedelta(seconds=60))
    verify_access_token(token, VERIFICATION, NOW + timedelta(seconds=3659))
    for later in (timedelta(seconds=-61), timedelta(seconds=3660)):
        with pytest.raises(EsiaTokenInvalid):
            verify_access_token(token, VERIFICATION, NOW + later)


def test_one_kind_of_token_is_not_taken_for_the_other() -> None:
    with pytest.raises(EsiaTokenInvalid, match="header"):
        verify_id_token(sign(access_header(), id_claims()), VERIFICATION, NOW)
    with pytest.raises(EsiaTokenInvalid, match="header"):
        verify_access_token(sign(id_header(), access_claims()), VERIFICATION, NOW)


@pytest.mark.parametrize("changes", [{"typ": "JOSE"}, {"crit": ["exp"]}, {"sbt": "authorization_code"}])
def test_another_header_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EsiaTokenInvalid, match="header"):
        verify_access_token(sign(access_header(**changes), access_claims()), VERIFICATION, NOW)


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "PS256", "ES256", "rs256", "", None, 5, ["RS256"]])
def test_another_algorithm_is_refused(alg: Any) -> None:
    signed = f"{part(access_header() | {'alg': alg})}.{part(access_claims())}"
    raw = rsa_key().sign(signed.encode(), PKCS1v15(), SHA256())
    for signature in ("", b64u(raw)):
        with pytest.raises(EsiaTokenInvalid, match="alg"):
            verify_access_token(f"{signed}.{signature}", VERIFICATION, NOW)


@pytest.mark.attack("A27")
def test_a_public_key_is_not_taken_for_a_shared_secret() -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part(access_header('HS256'))}.{part(access_claims())}"
    token = f"{signed}.{b64u(hmac.digest(public, signed.encode(), 'sha256'))}"
    with pytest.raises(EsiaTokenInvalid, match="alg"):
        verify_access_token(token, VERIFICATION, NOW)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_algorithm_without_a_key_of_its_kind_is_refused(alg: str) -> None:
    other = KEYS[1] if alg == "RS256" else KEYS[0]
    only_other = Verification((other,), ISSUER, "VECHE22")
    with pytest.raises(EsiaTokenInvalid, match="signature"):
        verify_access_token(sign(access_header(alg), access_claims()), only_other, NOW)


def test_a_signature_of_one_kind_is_not_taken_under_the_name_of_the_other() -> None:
    claims = part(access_claims())
    as_rsa, as_gost = (f"{part(access_header(alg))}.{claims}" for alg in ALGORITHMS)
    by_gost = b64u(gost.sign(gost_key(), as_rsa.encode()))
    by_rsa = b64u(rsa_key().sign(as_gost.encode(), PKCS1v15(), SHA256()))
    for token in (f"{as_rsa}.{by_gost}", f"{as_gost}.{by_rsa}"):
        with pytest.raises(EsiaTokenInvalid, match="signature"):
            verify_access_token(token, VERIFICATION, NOW)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_any_of_several_keys_may_verify_and_no_other(alg: str) -> None:
    both = Verification(
        (rsa_key("next").public_key(), gost_key("next").public_key(), *KEYS), ISSUER, "VECHE22"
    )
    for name in ("one", "next"):
        verify_access_token(sign(access_header(alg), access_claims(), name), both, NOW)
    with pytest.raises(EsiaTokenInvalid, match="signature"):
        verify_access_token(sign(access_header(alg), access_claims(), "stranger"), both, NOW)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_claims_changed_after_signing_are_refused(alg: str) -> None:
    header, _, signature = sign(access_header(alg), access_claims()).split(".")
    changed = part(access_claims(**{"urn:esia:sbj_id": OID + 1}))
    with pytest.raises(EsiaTokenInvalid, match="signature"):
        verify_access_token(f"{header}.{changed}.{signature}", VERIFICATION, NOW)


@pytest.mark.parametrize(
    "twist",
    [
        lambda token: token + "=",
        lambda token: token + ".",
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + ".",
        lambda _: "",
        lambda _: "..",
        lambda token: token.replace(".", "é.", 1),
        lambda token: token + "A" * 16_384,
        lambda token: "W10." + token.partition(".")[2],
    ],
)
def test_another_form_of_a_token_is_refused(twist) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EsiaTokenInvalid):
        verify_access_token(twist(sign(access_header(), access_claims())), VERIFICATION, NOW)


def test_repeated_claims_are_refused() -> None:
    claims = json.dumps(access_claims())[:-1] + ',"client_id":"VECHE22"}'
    signed = f"{part(access_header())}.{b64u(claims.encode())}"
    raw = rsa_key().sign(signed.encode(), PKCS1v15(), SHA256())
    with pytest.raises(EsiaTokenInvalid, match="encoding"):
        verify_access_token(f"{signed}.{b64u(raw)}", VERIFICATION, NOW)


def test_messages_repeat_nothing_of_the_token() -> None:
    with pytest.raises(EsiaTokenInvalid) as caught:
        verify_access_token(sign(access_header(), access_claims(client_id="SECRET")), VERIFICATION, NOW)
    assert "SECRET" not in str(caught.value)
    assert str(OID) not in repr(caught.value)


def test_keys_are_read_from_certificates_and_plain_keys() -> None:
    spki = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert load_verification_key(spki) == rsa_key().public_key()
    assert load_verification_key(gost_certificate()) == gost_key().public_key()
    assert load_verification_key(gost_asn1.encode_public_key(gost_key().public_key())) == KEYS[1]


def test_what_is_no_key_of_esias_is_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for data in (b"", b"\x30\x00", b"-----BEGIN CERTIFICATE-----\n", other):
        with pytest.raises(GostKeyInvalid):
            load_verification_key(data)
