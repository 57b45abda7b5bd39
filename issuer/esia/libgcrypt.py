"""Streebog of libgcrypt, which Debian and its kin have in their base system: 300 times as fast as Python."""

import ctypes
from collections.abc import Callable
from typing import Final

Digest = Callable[[bytes], bytes]

_LIBRARY: Final = "libgcrypt.so.20"
_OLDEST: Final = b"1.8.0"
_SIZE: Final = 32
# Of gcrypt.h.
_STRIBOG256: Final = 309
_TEST_ALGO: Final = 8
_INITIALIZATION_FINISHED: Final = 38


def streebog256() -> Digest | None:
    """GOST R 34.11-2012 with 256 bits, or None where the library is not there, too old, or may not (FIPS)."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    library.gcry_check_version.restype = ctypes.c_char_p
    if library.gcry_check_version(_OLDEST) is None:
        return None
    library.gcry_control(_INITIALIZATION_FINISHED, 0)
    if library.gcry_md_algo_info(_STRIBOG256, _TEST_ALGO, None, None) != 0:
        return None
    hash_buffer = library.gcry_md_hash_buffer
    hash_buffer.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
    hash_buffer.restype = None

    def digest(data: bytes) -> bytes:
        code = ctypes.create_string_buffer(_SIZE)
        hash_buffer(_STRIBOG256, code, data, len(data))
        return code.raw

    return digest
