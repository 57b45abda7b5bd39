"""Verification of ESIA's access_token and id_token: JWS compact (RFC 7515), claims as ESIA writes them.

ESIA departs from OpenID Connect: `sub` is a number, `amr` a string, there is no `kid` and no `nonce`, and
the algorithm may be the private GOST3410_2012_256.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from issuer.esia import gost
from issuer.esia.errors import EsiaTokenInvalid, GostKeyInvalid, GostSignatureInvalid
from issuer.esia.gost import GostPublicKey
from issuer.esia.gost_asn1 import der_of, load_public_key
from shared.encoding import EncodingRefused, from_b64u, parse_json

RS256: Final = "RS256"
GOST: Final = "GOST3410_2012_256"
MAX_TOKEN_SIZE: Final = 16_384
MIN_RSA_BITS: Final = 2048
_LEEWAY: Final = timedelta(seconds=60)

VerificationKey = RSAPublicKey | GostPublicKey
"""One of ESIA's own keys; its kind says which algorithm it may verify."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Whose tokens are taken: ESIA's keys (any of them), its `iss`, our client id."""

    keys: Sequence[VerificationKey]
    issuer: str
    client_id: str


@dataclass(frozen=True, slots=True, repr=False)
class AccessClaims:
    """What an access token says: the account's number and the granted scopes, with their `?oid=` cut off."""

    oid: int
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class IdClaims:
    """What an id token says: the account's number, and whether the account is confirmed."""

    oid: int
    confirmed: bool


def load_verification_key(data: bytes) -> VerificationKey:
    """Read a certificate or a SubjectPublicKeyInfo, PEM or DER, with an RSA or a GOST key.

    Raises GostKeyInvalid for anything else.
    """
    try:
        return load_public_key(data)
    except GostKeyInvalid:
        key = _other_key(der_of(data))
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise GostKeyInvalid(f"neither a GOST key nor an RSA key of {MIN_RSA_BITS} bits or more")
    return key


def verify_access_token(token: str, verification: Verification, now: datetime) -> AccessClaims:
    """Check signature, kind, issuer, client and times. Raises EsiaTokenInvalid."""
    claims = _verified(token, "access", verification, now)
    if claims.get("client_id") != verification.client_id:
        raise EsiaTokenInvalid("access client_id")
    scope = claims.get("scope")
    if not isinstance(scope, str):
        raise EsiaTokenInvalid("access scope")
    scopes = frozenset(name.partition("?")[0] for name in scope.split())
    return AccessClaims(_oid(claims.get("urn:esia:sbj_id"), "access urn:esia:sbj_id"), scopes)


def verify_id_token(token: str, verification: Verification, now: datetime) -> IdClaims:
    """Check signature, kind, issuer, audience, times and subject. Raises EsiaTokenInvalid.

    Confirmed means `is_tru` true and the level not below "PR", where ESIA names a level at all.
    """
    claims = _verified(token, "id", verification, now)
    if claims.get("aud") != verification.client_id:
        raise EsiaTokenInvalid("id aud")
    if not isinstance(claims.get("amr"), str):
        raise EsiaTokenInvalid("id amr")
    oid, subject = _oid(claims.get("sub"), "id sub"), claims.get("urn:esia:sbj")
    if not isinstance(subject, dict) or subject.get("urn:esia:sbj:oid") != oid:
        raise EsiaTokenInvalid("id urn:esia:sbj")
    if subject.get("urn:esia:sbj:typ") != "P":
        raise EsiaTokenInvalid("id urn:esia:sbj:typ")
    level = subject.get("urn:esia:sbj:lvl", "PR")
    return IdClaims(oid, subject.get("urn:esia:sbj:is_tru") is True and level == "PR")


def _verified(token: str, kind: Literal["access", "id"], verification: Verification, now: datetime) -> Any:
    if len(token) > MAX_TOKEN_SIZE or token.count(".") != 2:
        raise EsiaTokenInvalid(f"{kind} form")
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    algorithm = _check_header(_part(header, kind), kind)
    _check_signature(algorithm, verification.keys, signed, signature, kind)
    claims = _part(payload, kind)
    if claims.get("iss") != verification.issuer:
        raise EsiaTokenInvalid(f"{kind} iss")
    _check_times(claims, kind, now)
    return claims


def _part(text: str, kind: str) -> dict[str, Any]:
    try:
        value = parse_json(from_b64u(text))
    except EncodingRefused:
        raise EsiaTokenInvalid(f"{kind} encoding") from None
    if not isinstance(value, dict):
        raise EsiaTokenInvalid(f"{kind} encoding")
    return value


def _check_header(header: dict[str, Any], kind: str) -> str:
    if header.get("typ") != "JWT" or header.get("sbt") != kind or "crit" in header:
        raise EsiaTokenInvalid(f"{kind} header")
    algorithm = header.get("alg")
    if algorithm not in (RS256, GOST):
        raise EsiaTokenInvalid(f"{kind} alg")
    return str(algorithm)


def _check_signature(
    algorithm: str, keys: Sequence[VerificationKey], signed: str, signature: str, kind: str
) -> None:
    wanted = RSAPublicKey if algorithm == RS256 else GostPublicKey
    try:
        raw, message = from_b64u(signature), signed.encode("ascii")
    except (EncodingRefused, UnicodeEncodeError):
        raise EsiaTokenInvalid(f"{kind} encoding") from None
    if not any(_verifies(key, message, raw) for key in keys if isinstance(key, wanted)):
        raise EsiaTokenInvalid(f"{kind} signature")


def _verifies(key: VerificationKey, message: bytes, signature: bytes) -> bool:
    try:
        if isinstance(key, GostPublicKey):
            gost.verify(key, message, signature)
        else:
            key.verify(signature, message, PKCS1v15(), SHA256())
    except (InvalidSignature, GostSignatureInvalid):
        return False
    return True


def _check_times(claims: dict[str, Any], kind: str, now: datetime) -> None:
    not_before, issued, expires = (_seconds(claims.get(name), kind) for name in ("nbf", "iat", "exp"))
    seconds, leeway = now.timestamp(), _LEEWAY.total_seconds()
    if max(not_before, issued) > seconds + leeway:
        raise EsiaTokenInvalid(f"{kind} not valid yet")
    if expires <= seconds - leeway:
        raise EsiaTokenInvalid(f"{kind} expired")


def _seconds(value: object, kind: str) -> int:
    if type(value) is not int:
        raise EsiaTokenInvalid(f"{kind} times")
    return value


def _oid(value: object, name: str) -> int:
    if type(value) is not int or value <= 0:
        raise EsiaTokenInvalid(name)
    return value


def _other_key(der: bytes) -> object:
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm):
        pass
    try:
        return load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise GostKeyInvalid("neither a certificate nor a public key") from None
