"""Inputs near honest ones: a few cuts, copies, flips and words of the format at random places."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

WORDS: Final = (
    b"\0",
    b"\xff",
    b"\x80",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"+",
    b"-",
    b"=",
    b"/",
    b".",
    b"..",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b"\xe2\x80\x94 ",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-0",
    b"0.1",
    b"9007199254740993",
    b"9" * 400,
    b"[" * 300,
    b'{"":',
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff",
    b'"nodf":1,',
    b"&lol;",
    b"<!DOCTYPE x>",
    b"PK\x05\x06",
    b"PK\x01\x02",
    b"../",
    b"\xd9\xa1",
)


def near(honest: Sequence[bytes], number: int, chance: random.Random) -> Iterator[bytes]:
    """So many inputs, each some changes away from an honest one; one in a hundred is random throughout."""
    for _ in range(number):
        if chance.random() < 0.01:
            yield chance.randbytes(chance.randrange(200))
            continue
        data = bytearray(chance.choice(honest))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            _change(data, chance)
        yield bytes(data)


def _change(data: bytearray, chance: random.Random) -> None:
    place = int(chance.random() * (len(data) + 1))
    kind = int(chance.random() * 7)
    if kind == 0 and place < len(data):
        data[place] ^= 1 << int(chance.random() * 8)
    elif kind == 1 and place < len(data):
        data[place] = int(chance.random() * 256)
    elif kind == 2:
        del data[place : place + int(chance.random() * 9)]
    elif kind == 3:
        data[place:place] = chance.choice(WORDS)
    elif kind == 4:
        length = int(chance.random() * 40)
        data[place:place] = data[place // 2 : place // 2 + length]
    elif kind == 5:
        word = chance.choice(WORDS)
        data[place : place + len(word)] = word
    elif place < len(data) and 48 <= data[place] < 58:
        data[place] = 48 + int(chance.random() * 10)
