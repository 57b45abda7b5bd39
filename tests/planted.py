"""The stand's residents as planted persons: in nothing of ours may anything name one of them.

Each fact is searched for in plain, encoded and hashed forms, many thousands in all, at 20 MB a second: by
their first eight bytes as one number, then whole where one of those turns up.
"""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final
from urllib.parse import quote

from issuer.esia.gost import streebog256
from issuer.esia_stand.residents import RESIDENTS, Resident

_HASHES: Final = (
    hashlib.sha256,
    hashlib.sha1,
    hashlib.md5,
    hashlib.sha512,
    hashlib.sha3_256,
    hashlib.blake2b,
    streebog256,
)
_SHORT: Final = 12
"""Digits of an account id or a SNILS: ten of them stand once in 10^12 places of hex."""
_WORD: Final = "Q"
_WORD_SIZE: Final = struct.calcsize(_WORD)


def traces(data: bytes) -> set[str]:
    """What names a resident in these bytes: kind of fact and resident, such as `SNILS of barnaul-1`."""
    starts = set()
    for shift in range(_WORD_SIZE):
        view = memoryview(data)[shift:]
        words = view[: len(view) // _WORD_SIZE * _WORD_SIZE].cast(_WORD)
        starts |= _by_start().keys() & words
    return {what for start in starts for form, what in _by_start()[start] if _stands(form, data)}


def _stands(form: bytes, data: bytes) -> bool:
    """Whether a form is there; a short number not within a hash in hex, where it stands by chance."""
    if not form.isdigit() or len(form) > _SHORT:
        return form in data
    return form in re.sub(rb"[0-9a-f]{32,}", b"", data)


def forms(fact: str) -> Iterator[bytes]:
    """A fact in plain, encoded and hashed forms."""
    plain = fact.encode()
    yield from (plain, fact.encode("utf-16-le"), quote(fact).encode(), json.dumps(fact).strip('"').encode())
    yield from _encoded(plain)
    for make in _HASHES:
        digest = make(plain)
        digest = digest if isinstance(digest, bytes) else digest.digest()
        yield digest
        yield from _encoded(digest)


def _encoded(data: bytes) -> Iterator[bytes]:
    """In hex and in base64, also where it stands within more that is encoded."""
    yield data.hex().encode()
    yield data.hex().upper().encode()
    for lead in range(3):
        text = base64.b64encode(bytes(lead) + data)[-(-lead * 8 // 6) : (lead + len(data)) * 8 // 6]
        yield text
        yield text.replace(b"+", b"-").replace(b"/", b"_")


def facts(resident: Resident) -> Iterator[tuple[str, str]]:
    """All that names a resident: kind of fact, and the fact."""
    digits = "".join(filter(str.isdigit, resident.snils))
    birth = resident.birth_date_on(datetime.now(UTC).date())
    yield "name", resident.name
    yield from (("name", part) for part in resident.name.split() if len(part) > 4)
    yield "SNILS", resident.snils
    yield "SNILS", digits
    yield "SNILS", f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
    yield "account id", str(resident.oid)
    yield "birth date", birth
    yield "birth date", "-".join(reversed(birth.split(".")))
    for address in resident.addresses:
        for key in ("addressStr", "street", "fiasCode"):
            if address.get(key):
                yield "address", str(address[key])


@cache
def _by_start() -> dict[int, list[tuple[bytes, str]]]:
    found: dict[int, list[tuple[bytes, str]]] = {}
    for resident in RESIDENTS:
        for what, fact in facts(resident):
            for form in forms(fact):
                (start,) = struct.unpack_from(_WORD, form)
                found.setdefault(start, []).append((form, f"{what} of {resident.id}"))
    return found
