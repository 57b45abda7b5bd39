"""Keys that polls must not share: each is fresh per poll (docs/protocol.md 4.1), its prime factors, too."""

from collections.abc import Sequence

import gmpy2

from crypto.errors import CryptoError
from crypto.keys import load_token_key
from shared.encoding import EncodingRefused, from_b64u
from shared.manifest import Poll


def keys_of(poll: Poll) -> set[str]:
    """Token keys, log keys and the sealing key as the manifest writes them."""
    manifest = poll.manifest
    keys = {issuer.token_key for issuer in manifest.issuers} | {issuer.log_key for issuer in manifest.issuers}
    sealing = {manifest.sealing.public_key} if manifest.sealing else set()
    return keys | sealing | {manifest.ballot_box.log_key}


def token_moduli(poll: Poll) -> list[int]:
    """The moduli of the poll's token keys; what is no sound key is left to check 4."""
    moduli = []
    for issuer in poll.manifest.issuers:
        try:
            moduli.append(load_token_key(from_b64u(issuer.token_key)).n)
        except (EncodingRefused, CryptoError):
            continue
    return moduli


def with_common_factor(own: Sequence[int], others: Sequence[int]) -> list[int]:
    """Which of our own moduli share a factor with any other, ours or others': by one product of all.

    Bernstein's batch gcd, cut to what is asked: n and (product of the others mod n) have a common divisor.
    """
    product = _product([gmpy2.mpz(n) for n in others])
    found = []
    for index, n in enumerate(own):
        rest = _product([gmpy2.mpz(m) for at, m in enumerate(own) if at != index])
        if gmpy2.gcd(n, product % n * rest % n) != 1:
            found.append(index)
    return found


def _product(numbers: list[gmpy2.mpz]) -> gmpy2.mpz:
    while len(numbers) > 1:
        pairs = [numbers[at : at + 2] for at in range(0, len(numbers), 2)]
        numbers = [pair[0] * pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return numbers[0] if numbers else gmpy2.mpz(1)
