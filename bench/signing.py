"""How fast tokens are signed and verified, as ratios to `openssl speed` of the same run; GOST signatures."""

import secrets
import time
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bench.openssl import rsa_rates
from bench.rows import QUICK, Row, share
from crypto.blind_rsa.signer import blind_sign
from crypto.blind_rsa.verifier import verify
from crypto.keys import ALLOWED_BITS, generate_token_key, load_private_key, public_key_of
from crypto.signers import gmp, openssl
from issuer.esia import gost

SECONDS = 1 if QUICK else 2


def rate(operation: Callable[[], object]) -> float:
    """Operations per second of processor time, on one core."""
    operation()
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        operation()
        done += 1
    return done / spent


def rows() -> list[Row]:
    """Signing and verifying at each key size; and GOST."""
    return [row for bits in ALLOWED_BITS for row in _tokens(bits)] + _gost()


def _tokens(bits: int) -> list[Row]:
    before = rsa_rates(bits)
    der = generate_token_key(bits)
    key = public_key_of(der)
    blinded = bytes(1) + secrets.token_bytes(key.size - 1)
    prepared = secrets.token_bytes(145)
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    signature = load_private_key(der).sign(prepared, pss, hashes.SHA384())
    libcrypto, portable = openssl.private_operation(der), gmp.private_operation(der)
    signed = rate(lambda: blind_sign(key, libcrypto, blinded))
    alone, in_gmp = rate(lambda: libcrypto(blinded)), rate(lambda: portable(blinded))
    verified = rate(lambda: verify(key, prepared, signature))
    sign_rate, verify_rate = (sum(both) / 2 for both in zip(before, rsa_rates(bits), strict=True))
    return [
        share(f"private operation, {bits}", alone, "per second", sign_rate, 0.9),
        share(f"private operation by gmpy2, {bits}", in_gmp, "per second", sign_rate),
        share(f"signing with range check and s^e == m, {bits}", signed, "per second", sign_rate, 0.9),
        share(f"token verification, {bits}", verified, "per second", verify_rate),
    ]


def _gost() -> list[Row]:
    signing, verifying = gost_rates()
    return [
        Row("GOST signature, 200 bytes", signing, "per second"),
        Row("GOST verification, 1,000 bytes", verifying, "per second"),
    ]


def gost_rates() -> tuple[float, float]:
    """Signatures of a request to ESIA, and verifications of a token of ESIA, per second of one core."""
    key = gost.generate_private_key()
    public, request, token = key.public_key(), bytes(200), bytes(1000)
    signature = gost.sign(key, token)
    return rate(lambda: gost.sign(key, request)), rate(lambda: gost.verify(public, token, signature))
