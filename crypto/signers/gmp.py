"""The portable private operation: gmpy2, CRT, fresh base blinding on every call.

`powmod_sec` is constant time, the reduction and recombination around it are not: so the base is blinded
afresh, and what leaks tells of a random number. The caller recomputes s^e == m (`crypto.blind_rsa.signer`).
"""

import secrets
from dataclasses import dataclass, field

import gmpy2
from gmpy2 import mpz

from crypto.blind_rsa.signer import PrivateOperation
from crypto.keys import load_private_key


@dataclass(frozen=True, slots=True)
class CrtKey:
    """The numbers of RFC 8017 3.2."""

    n: mpz
    e: mpz
    p: mpz = field(repr=False)
    q: mpz = field(repr=False)
    dp: mpz = field(repr=False)
    dq: mpz = field(repr=False)
    qi: mpz = field(repr=False)


def private_operation(private_der: bytes) -> PrivateOperation:
    """The private operation of a PKCS #8 DER key. Raises InvalidKey."""
    numbers = load_private_key(private_der).private_numbers()
    public = numbers.public_numbers
    return with_key(
        CrtKey(
            *map(mpz, (public.n, public.e, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp))
        )
    )


def with_key(key: CrtKey) -> PrivateOperation:
    """The private operation with these numbers, as they are."""
    size = (int(key.n.bit_length()) + 7) // 8

    def operate(message: bytes) -> bytes:
        factor = _unit(key.n)
        blinded = int.from_bytes(message, "big") * gmpy2.powmod(factor, key.e, key.n) % key.n
        signature = _crt(key, mpz(blinded)) * gmpy2.invert(factor, key.n) % key.n
        return int(signature).to_bytes(size, "big")

    return operate


def _crt(key: CrtKey, message: mpz) -> mpz:
    """RFC 8017 5.1.2, second form."""
    s1 = gmpy2.powmod_sec(message % key.p, key.dp, key.p)
    s2 = gmpy2.powmod_sec(message % key.q, key.dq, key.q)
    return s2 + key.q * ((s1 - s2) * key.qi % key.p)


def _unit(n: mpz) -> mpz:
    """A uniform number below n that has an inverse."""
    while True:
        candidate = mpz(secrets.randbits(int(n.bit_length())))
        if 0 < candidate < n and gmpy2.gcd(candidate, n) == 1:
            return candidate
