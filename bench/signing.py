"""How fast tokens are signed and verified, as ratios to `openssl speed` of the same run; GOST signatures."""

import secrets
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bench.openssl import rsa_rates
from bench.rows import QUICK, Row, best, share
from crypto.blind_rsa.signer import blind_sign
from crypto.blind_rsa.verifier import verify
from crypto.keys import ALLOWED_BITS, generate_token_key, load_private_key, public_key_of
from crypto.signers import gmp, openssl
from issuer.esia import gost

SECONDS: Final = 0.6
ROUNDS: Final = 1 if QUICK else 3
AT_ONCE: Final = 16
"""Operations between two looks at the clock, which itself costs most of a microsecond."""


def rate(operation: Callable[[], object]) -> float:
    """Operations per second of processor time, on one core."""
    operation()
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        for _ in range(AT_ONCE):
            operation()
        done += AT_ONCE
    return done / spent


def rows() -> list[Row]:
    """Signing and verifying at each key size; and GOST."""
    return [row for bits in ALLOWED_BITS for row in _tokens(bits)] + _gost()


def _tokens(bits: int) -> list[Row]:
    der = generate_token_key(bits)
    key = public_key_of(der)
    blinded = bytes(1) + secrets.token_bytes(key.size - 1)
    prepared = secrets.token_bytes(145)
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    signature = load_private_key(der).sign(prepared, pss, hashes.SHA384())
    libcrypto, portable = openssl.private_operation(der), gmp.private_operation(der)
    alone: list[tuple[float, float]] = []
    checked: list[tuple[float, float]] = []
    before, verify_rate = rsa_rates(bits)
    for _ in range(ROUNDS):
        rates = rate(lambda: libcrypto(blinded)), rate(lambda: blind_sign(key, libcrypto, blinded))
        after, _verify_rate = rsa_rates(bits)
        for rounds, mine in zip((alone, checked), rates, strict=True):
            rounds.append((mine, (before + after) / 2))
        before = after
    in_gmp, verified = rate(lambda: portable(blinded)), rate(lambda: verify(key, prepared, signature))
    measured: tuple[tuple[str, float, float, float | None], ...] = (
        ("private operation", *best(alone), 0.9),
        ("private operation by gmpy2", in_gmp, before, None),
        ("signing with range check and s^e == m", *best(checked), 0.9),
        ("token verification", verified, verify_rate, None),
    )
    return [
        share(f"{name}, {bits}", value, "per second", limit, goal) for name, value, limit, goal in measured
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
