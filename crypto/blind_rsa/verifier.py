"""The verifier's role: RSASSA-PSS-VERIFY with everything fixed (RFC 9474 4.5, RFC 8017 8.1.2)."""

from cryptography import exceptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from crypto.blind_rsa.suite import RANDOMIZED, Suite
from crypto.errors import InvalidSignature
from crypto.keys import TokenPublicKey


def verify(key: TokenPublicKey, prepared: bytes, signature: bytes, suite: Suite = RANDOMIZED) -> None:
    """Check a finalized signature on a prepared message. Raises InvalidSignature.

    One signature has one form: exactly the modulus length, below the modulus, the suite's salt length.
    """
    if len(signature) != key.size or int.from_bytes(signature, "big") >= key.n:
        raise InvalidSignature("a token signature has the modulus length and is below the modulus")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=suite.salt_size)
    try:
        key.verifier.verify(signature, prepared, pss, hashes.SHA384())
    except exceptions.InvalidSignature:
        raise InvalidSignature("the token signature does not verify") from None
