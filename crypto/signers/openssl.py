"""The private operation through the system's libcrypto 3: `EVP_PKEY_sign` without padding.

OpenSSL blinds, works in constant time, checks its own CRT result, and the GIL is free meanwhile.
"""

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_void_p
from functools import cache
from typing import Any, Final

from crypto.blind_rsa.signer import PrivateOperation
from crypto.errors import InvalidKey, SignerUnavailable, SigningFailure
from crypto.keys import load_private_key

_RSA_NO_PADDING: Final = 3

_SIGNATURES: Final[dict[str, tuple[Any, list[Any]]]] = {
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_get_size": (c_int, [c_void_p]),
    "EVP_PKEY_CTX_new": (c_void_p, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_sign_init": (c_int, [c_void_p]),
    "EVP_PKEY_CTX_set_rsa_padding": (c_int, [c_void_p, c_int]),
    "EVP_PKEY_sign": (c_int, [c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "ERR_clear_error": (None, []),
}


@cache
def libcrypto() -> ctypes.CDLL:
    """The system's libcrypto, version 3 or newer. Raises SignerUnavailable."""
    name = ctypes.util.find_library("crypto")
    if name is None:
        raise SignerUnavailable("the system has no libcrypto")
    try:
        library = ctypes.CDLL(name)
        for function, (result, arguments) in _SIGNATURES.items():
            getattr(library, function).restype = result
            getattr(library, function).argtypes = arguments
    except (OSError, AttributeError):
        raise SignerUnavailable("the system's libcrypto is older than version 3") from None
    return library


class _Key:
    """An EVP_PKEY, freed with its last user. Safe to use from several threads: contexts are per call."""

    def __init__(self, private_der: bytes) -> None:
        self.pointer: int | None = None
        self._free = libcrypto().EVP_PKEY_free
        start = c_char_p(private_der)
        self.pointer = libcrypto().d2i_AutoPrivateKey(None, byref(start), len(private_der))
        if not self.pointer:
            libcrypto().ERR_clear_error()
            raise InvalidKey("libcrypto does not read this key")
        self.size = int(libcrypto().EVP_PKEY_get_size(self.pointer))

    def __del__(self) -> None:
        if self.pointer:
            self._free(self.pointer)


def private_operation(private_der: bytes) -> PrivateOperation:
    """The private operation of a PKCS #8 DER key. Raises InvalidKey, SignerUnavailable."""
    libcrypto()
    load_private_key(private_der)
    return with_der(private_der)


def with_der(private_der: bytes) -> PrivateOperation:
    """The private operation with the numbers of a DER key as they are, unchecked."""
    key = _Key(private_der)

    def operate(message: bytes) -> bytes:
        library = libcrypto()
        context = library.EVP_PKEY_CTX_new(key.pointer, None)
        if not context:
            raise SigningFailure("libcrypto gives no context")
        try:
            return _sign(library, context, key.size, message)
        finally:
            library.EVP_PKEY_CTX_free(context)

    return operate


def _sign(library: ctypes.CDLL, context: int, size: int, message: bytes) -> bytes:
    output, written = (c_ubyte * size)(), c_size_t(size)
    done = (
        library.EVP_PKEY_sign_init(context) == 1
        and library.EVP_PKEY_CTX_set_rsa_padding(context, _RSA_NO_PADDING) == 1
        and library.EVP_PKEY_sign(context, output, byref(written), message, len(message)) == 1
    )
    if not done or written.value != size:
        library.ERR_clear_error()
        raise SigningFailure("libcrypto refuses to sign")
    return bytes(output)
