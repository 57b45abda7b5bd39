"""The verifier's role: RSASSA-PSS-VERIFY with everything fixed (RFC 9474 4.5, RFC 8017 8.1.2)."""

from functools import cache
from typing import Final

from cryptography import exceptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from crypto.blind_rsa.suite import RANDOMIZED, Suite
from crypto.errors import InvalidSignature
from crypto.keys import TokenPublicKey

_HASH: Final = hashes.SHA384()


@cache
def _pss(salt_size: int) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(_HASH), salt_length=salt_size)


def verify(key: TokenPublicKey, prepared: bytes, signature: bytes, suite: Suite = RANDOMIZED) -> None:
    """Check a finalized signature on a prepared message. Raises InvalidSignature.

    One signature has one form: exactly the modulus length, below the modulus, the suite's salt length.
    """
    if len(signature) != key.size or int.from_bytes(signature, "big") >= key.n:
        raise InvalidSignature("a token signature has the modulus length and is below the modulus")
    try:
        key.verifier.verify(signature, prepared, _pss(suite.salt_size), _HASH)
    except exceptions.InvalidSignature:
        raise InvalidSignature("the token signature does not verify") from None
