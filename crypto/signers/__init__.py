"""The raw RSA private operation: the system's libcrypto where there is one, gmpy2 where not."""

from crypto.blind_rsa.signer import PrivateOperation
from crypto.errors import SignerUnavailable
from crypto.signers import gmp, openssl


def load_signer(private_der: bytes) -> PrivateOperation:
    """The private operation of a PKCS #8 DER key. Raises InvalidKey."""
    try:
        return openssl.private_operation(private_der)
    except SignerUnavailable:
        return gmp.private_operation(private_der)
