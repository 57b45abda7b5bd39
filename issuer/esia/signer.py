"""Signing as a callable: with a key in memory, or by an external program (CryptoPro, an HSM, a gateway)."""

import subprocess
from collections.abc import Callable, Sequence
from typing import Final

from issuer.esia import gost, gost_asn1
from issuer.esia.errors import SignerFailed

SignRaw = Callable[[bytes], bytes]
"""From a message to its raw GOST R 34.10-2012 signature, 64 bytes S || R. May raise SignerFailed."""

COMMAND_SECONDS: Final = 10.0


def signer_from_key(private_key: bytes) -> SignRaw:
    """Sign with a PKCS #8 key, PEM or DER. Raises GostKeyInvalid at once."""
    key = gost_asn1.load_private_key(private_key)
    return lambda message: gost.sign(key, message)


def signer_from_command(argv: Sequence[str], *, timeout: float = COMMAND_SECONDS) -> SignRaw:
    """Sign by a program that reads the message on standard input and writes exactly 64 bytes.

    CryptoPro's own order is the reverse of all 64 bytes: the program has to turn them.
    """

    def sign(message: bytes) -> bytes:
        try:
            done = subprocess.run(argv, input=message, capture_output=True, timeout=timeout, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SignerFailed(f"the signing program: {type(error).__name__}") from None
        if done.returncode != 0:
            raise SignerFailed(f"the signing program ended with {done.returncode}")
        if len(done.stdout) != gost.SIGNATURE_SIZE:
            raise SignerFailed("the signing program did not give 64 bytes")
        return done.stdout

    return sign
