"""The signer's role: BlindSign (RFC 9474 4.3)."""

from collections.abc import Callable

import gmpy2

from crypto.errors import MessageOutOfRange, SigningFailure, UnexpectedInputSize
from crypto.keys import TokenPublicKey

PrivateOperation = Callable[[bytes], bytes]
"""m -> m^d mod n, both of modulus length, in constant time (`crypto.signers`)."""


def blind_sign(key: TokenPublicKey, private_operation: PrivateOperation, blinded: bytes) -> bytes:
    """Sign a blinded message of exactly the modulus length.

    Raises UnexpectedInputSize, MessageOutOfRange, or SigningFailure when s^e != m: then nothing leaves.
    """
    message = check_blinded(key, blinded)
    signature = private_operation(blinded)
    number = int.from_bytes(signature, "big")
    if len(signature) != key.size or number >= key.n or gmpy2.powmod(number, key.e, key.n) != message:
        raise SigningFailure("the private operation gave a wrong value")
    return signature


def check_blinded(key: TokenPublicKey, blinded: bytes) -> int:
    """The number of a blinded message. Raises UnexpectedInputSize, MessageOutOfRange."""
    if len(blinded) != key.size:
        raise UnexpectedInputSize("a blinded message has the modulus length")
    number = int.from_bytes(blinded, "big")
    if number >= key.n:
        raise MessageOutOfRange("a blinded message is below the modulus")
    return number
