"""Multiples of points on the curve of GOST R 34.10-2012 that ESIA uses, by tables over gmpy2.

id-GostR3410-2001-CryptoPro-XchA-ParamSet (RFC 4357 section 11.4); id-tc26-gost-3410-2012-256-paramSetB has
the same numbers. Points are projective: (X, Y, Z) stands for (X/Z, Y/Z), (0, 1, 0) for the point at infinity.

Each multiple is 32 additions, whatever the number: the formulas are complete, so there is no case apart and
no branch. What still tells something is which entry of a table is read, and gmpy2, which promises constant
time for `powmod_sec` alone. So the caller cuts a secret into random shares (`issuer.esia.gost`).
"""

from functools import cache, lru_cache
from typing import Final

import gmpy2
from gmpy2 import mpz

P: Final = mpz(2**256 - 617)
B: Final = mpz(166)
Q: Final = mpz(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893)
"""The field, b (a is -3), and the prime order of the whole curve."""

BASE: Final = (1, 0x8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14)

_SIZE: Final = 32

Point = tuple[mpz, mpz, mpz]
Table = list[list[Point]]
_INFINITY: Final[Point] = (mpz(0), mpz(1), mpz(0))


def on_curve(x: int, y: int) -> bool:
    """Whether the coordinates are in range and fulfil y^2 = x^3 - 3x + b."""
    return 0 <= x < P and 0 <= y < P and bool((y**2 - x**3 + 3 * x - B) % P == 0)


@cache
def base_table() -> Table:
    """The table of the base point: 20 ms to make, two megabytes."""
    return _table(*BASE)


@lru_cache(maxsize=8)
def key_table(x: int, y: int) -> Table:
    """The table of a public key. ESIA's keys stand for years, so each is made once per process."""
    return _table(x, y)


def combine(*multiples: tuple[Table, int]) -> tuple[int, int]:
    """The sum of multiples of points, affine; (0, 0), which is not on the curve, for the point at infinity.

    Numbers are 0 <= n < 2^256.
    """
    total = _INFINITY
    for table, number in multiples:
        for window, digit in zip(table, int(number).to_bytes(_SIZE, "little"), strict=True):
            total = _add(total, window[digit])
    x, y, z = total
    inverse = gmpy2.powmod_sec(z, P - 2, P)
    return int(x * inverse % P), int(y * inverse % P)


def _table(x: int, y: int) -> Table:
    """For each byte of a number, lowest first, the 256 multiples that it may stand for."""
    table, step = [], (mpz(x), mpz(y), mpz(1))
    for _ in range(_SIZE):
        window = [_INFINITY]
        for _ in range(255):
            window.append(_add(window[-1], step))
        table.append(window)
        step = _add(window[-1], step)
    return table


def _add(one: Point, two: Point) -> Point:
    """Complete addition for a = -3: Renes, Costello, Batina, eprint 2015/1060, algorithm 4."""
    (x1, y1, z1), (x2, y2, z2) = one, two
    xx, yy, zz = x1 * x2, y1 * y2, z1 * z2
    xy = (x1 * y2 + x2 * y1) % P
    yz = (y1 * z2 + y2 * z1) % P
    xz = x1 * z2 + x2 * z1
    u = 3 * (xz - B * zz) % P
    v = 3 * (B * xz - 3 * zz - xx) % P
    w = 3 * (xx - zz) % P
    plus, minus = yy + u, yy - u
    return (xy * plus - yz * v) % P, (plus * minus + w * v) % P, (yz * minus + xy * w) % P
