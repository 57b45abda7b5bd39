"""The private operation through the system's libcrypto 3: `EVP_PKEY_sign` without padding.

OpenSSL blinds, works in constant time, checks its own CRT result, and the GIL is free meanwhile.
"""

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_void_p, create_string_buffer
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
    """An EVP_PKEY, freed with its last user. Contexts for several threads may stand on it at once."""

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
    idle: list[_Context] = []

    def operate(message: bytes) -> bytes:
        try:
            context = idle.pop()
        except IndexError:
            context = _Context(key)
        signature = context.sign(message)
        idle.append(context)
        return signature

    return operate


class _Context:
    """An EVP_PKEY_CTX that signs without padding, and room for a signature; used by one thread at a time."""

    def __init__(self, key: _Key) -> None:
        library = libcrypto()
        self._free, self._sign, self._size = library.EVP_PKEY_CTX_free, library.EVP_PKEY_sign, key.size
        self._signature, self._written = create_string_buffer(key.size), c_size_t()
        self.pointer = library.EVP_PKEY_CTX_new(key.pointer, None)
        if not (
            self.pointer
            and library.EVP_PKEY_sign_init(self.pointer) == 1
            and library.EVP_PKEY_CTX_set_rsa_padding(self.pointer, _RSA_NO_PADDING) == 1
        ):
            library.ERR_clear_error()
            raise SigningFailure("libcrypto gives no context")

    def __del__(self) -> None:
        self._free(self.pointer)

    def sign(self, message: bytes) -> bytes:
        """m^d mod n. Raises SigningFailure."""
        written = self._written
        written.value = self._size
        done = self._sign(self.pointer, self._signature, byref(written), message, len(message))
        if done != 1 or written.value != self._size:
            libcrypto().ERR_clear_error()
            raise SigningFailure("libcrypto refuses to sign")
        return self._signature.raw
