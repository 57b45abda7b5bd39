"""Signed notes: strict reading, unknown keys ignored, a known key's bad signature sinks the note."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import ed25519
from crypto.errors import CryptoError, InvalidKey, InvalidSignature, MalformedNote, UnsignedNote
from crypto.signed_note import MAX_NOTE_SIZE, MAX_SIGNATURES, VerifierKey, open_note, parse_note, sign_note

SEED, OTHER_SEED = b"\x01" * 32, b"\x02" * 32
"""TEST KEYS."""

NAME = "log.example/log/a"
KEY = VerifierKey(NAME, ed25519.public_key(SEED))
OTHER = VerifierKey("witness.example", ed25519.public_key(OTHER_SEED))
TEXT = "one\n\ntwo\n"


def signature_line(note: bytes) -> bytes:
    return note.rpartition(b"\n\n")[2]


def both(text: str = TEXT) -> bytes:
    return sign_note(text, NAME, SEED) + signature_line(sign_note(text, OTHER.name, OTHER_SEED))


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")).map(
    lambda text: text + "\n"
)


@given(TEXTS)
def test_what_was_signed_is_what_opens(text: str) -> None:
    note = sign_note(text, NAME, SEED)
    assert open_note(note, [KEY]) == text
    assert parse_note(note).text == text


def test_the_same_text_signs_to_the_same_bytes() -> None:
    assert sign_note(TEXT, NAME, SEED) == sign_note(TEXT, NAME, SEED)


def test_a_note_opens_under_any_of_its_known_keys() -> None:
    for known in ([KEY], [OTHER], [KEY, OTHER]):
        assert open_note(both(), known) == TEXT


def test_signatures_of_unknown_keys_are_ignored_even_if_they_are_rubbish() -> None:
    rubbish = base64.b64encode(b"\xff" * 3000).decode()
    note = sign_note(TEXT, NAME, SEED) + f"\u2014 stranger.example {rubbish}\n".encode()
    assert open_note(note, [KEY]) == TEXT


def test_the_same_name_with_another_key_is_another_signer() -> None:
    with pytest.raises(UnsignedNote):
        open_note(sign_note(TEXT, NAME, OTHER_SEED), [KEY])


def test_the_same_key_under_another_name_is_another_signer() -> None:
    with pytest.raises(UnsignedNote):
        open_note(sign_note(TEXT, "log.example/log/b", SEED), [KEY])


def test_a_note_without_known_keys_is_unsigned() -> None:
    with pytest.raises(UnsignedNote):
        open_note(both(), [])


@pytest.mark.parametrize("broken", [KEY, OTHER], ids=["first", "second"])
def test_one_bad_signature_of_a_known_key_sinks_the_note_though_another_is_good(broken: VerifierKey) -> None:
    forged = base64.b64encode(broken.key_id + bytes(64)).decode()
    lines = [
        f"\u2014 {broken.name} {forged}\n".encode() if broken.name.encode() in line else line
        for line in signature_line(both()).splitlines(keepends=True)
    ]
    note = TEXT.encode() + b"\n" + b"".join(lines)
    with pytest.raises(InvalidSignature):
        open_note(note, [KEY, OTHER])


def test_a_bad_line_beside_a_good_line_of_the_same_key_sinks_the_note() -> None:
    forged = base64.b64encode(KEY.key_id + bytes(64)).decode()
    note = sign_note(TEXT, NAME, SEED) + f"\u2014 {NAME} {forged}\n".encode()
    with pytest.raises(InvalidSignature):
        open_note(note, [KEY])


@given(st.data())
def test_no_changed_byte_opens(data: st.DataObject) -> None:
    note = sign_note(TEXT, NAME, SEED)
    at = data.draw(st.integers(0, len(note) - 1))
    changed = bytearray(note)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CryptoError):
        open_note(bytes(changed), [KEY])


@pytest.mark.parametrize("length", [0, 1, 63, 65])
def test_a_signature_of_another_length_is_wrong(length: int) -> None:
    forged = base64.b64encode(KEY.key_id + b"s" * length).decode()
    with pytest.raises((InvalidSignature, MalformedNote)):
        open_note(f"{TEXT}\n\u2014 {NAME} {forged}\n".encode(), [KEY])


LINE = signature_line(sign_note(TEXT, NAME, SEED)).decode()
ENCODED = LINE.split(" ")[2].rstrip("\n")

MALFORMED = {
    "empty": "",
    "text only": TEXT,
    "no signature line": f"{TEXT}\n",
    "no final newline": f"{TEXT}\n{LINE}".rstrip("\n"),
    "another end than a newline": f"{TEXT}\n{LINE[:-1]}x",
    "no blank line": f"text\n{LINE}",
    "a hyphen for the dash": f"{TEXT}\n- {NAME} {ENCODED}\n",
    "no space after the dash": f"{TEXT}\n\u2014{NAME} {ENCODED}\n",
    "no name": f"{TEXT}\n\u2014  {ENCODED}\n",
    "a plus in the name": f"{TEXT}\n\u2014 a+b {ENCODED}\n",
    "a no-break space in the name": f"{TEXT}\n\u2014 a\u00a0b {ENCODED}\n",
    "a third field": f"{TEXT}\n\u2014 {NAME} {ENCODED} x\n",
    "no base64": f"{TEXT}\n\u2014 {NAME} !!!!\n",
    "letters beyond ASCII": f"{TEXT}\n\u2014 {NAME} ящик\n",
    "no padding": f"{TEXT}\n\u2014 {NAME} {ENCODED.rstrip('=')}\n",
    "a key id without a signature": f"{TEXT}\n\u2014 {NAME} AAAAAA==\n",
    "stray bits before the padding": f"{TEXT}\n\u2014 {NAME} AAAAAAD=\n",
    "a carriage return": f"{TEXT}\r\n{LINE}",
    "a tab": f"a\tb\n\n{LINE}",
    "a delete character": f"a\x7fb\n\n{LINE}",
    "an empty line at the end": f"{TEXT}\n{LINE}\n",
    "too many signatures": f"{TEXT}\n{LINE * (MAX_SIGNATURES + 1)}",
    "too long": f"{'x' * (MAX_NOTE_SIZE - 1 - len(LINE.encode()))}\n\n{LINE}",
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    with pytest.raises(MalformedNote):
        parse_note(note.encode())


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(MalformedNote):
        parse_note(b"\xff" + sign_note(TEXT, NAME, SEED))


def test_the_limits_are_generous_and_exact() -> None:
    assert MAX_SIGNATURES >= 16
    assert len(parse_note(f"{TEXT}\n{LINE * MAX_SIGNATURES}".encode()).signatures) == MAX_SIGNATURES
    longest = f"{'x' * (MAX_NOTE_SIZE - 2 - len(LINE.encode()))}\n\n{LINE}".encode()
    assert len(longest) == MAX_NOTE_SIZE
    assert parse_note(longest).text.startswith("x")


@pytest.mark.parametrize("text", ["no newline", "", "a\rb\n", "a\x00b\n"])
def test_what_cannot_be_read_back_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedNote):
        sign_note(text, NAME, SEED)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_verifier_key_has_32_bytes(length: int) -> None:
    with pytest.raises(InvalidKey):
        VerifierKey(NAME, bytes(length))


def test_a_signature_of_an_unknown_kind_may_be_of_any_length() -> None:
    line = f"\u2014 stranger.example {base64.b64encode(bytes(5)).decode()}\n"
    assert open_note(sign_note(TEXT, NAME, SEED) + line.encode(), [KEY]) == TEXT


def test_a_verifier_key_reads_back() -> None:
    assert VerifierKey.parse(str(KEY)) == KEY


HEX, KEY64 = str(KEY).split("+", 2)[1:]
WRONG_HEX = f"{int(HEX, 16) ^ 1:08x}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        NAME,
        f"{NAME}+{HEX}",
        f"{NAME}+{HEX}+",
        f"{NAME}+{HEX.upper()}+{KEY64}" if HEX.upper() != HEX else "",
        f"{NAME}+{WRONG_HEX}+{KEY64}",
        f"other+{HEX}+{KEY64}",
        f"+{HEX}+{KEY64}",
        f"a b+{HEX}+{KEY64}",
        f"{NAME}+{HEX}+{KEY64}\n",
        f"{NAME}+{HEX}+{KEY64[:-4]}",
        f"{NAME}+{HEX}+{base64.b64encode(bytes([4]) + KEY.public).decode()}",
        f"{NAME}+{HEX}+{base64.b64encode(bytes([1]) + KEY.public + bytes(1)).decode()}",
    ],
)
def test_what_is_not_a_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a+b", "a b", "a\u2003b", "a\u2028b", "a\nb", "a\x85b", "a\x01b"])
def test_a_name_that_cannot_stand_on_a_signature_line_is_refused(name: str) -> None:
    with pytest.raises(InvalidKey):
        VerifierKey(name, KEY.public)
    with pytest.raises(InvalidKey):
        sign_note(TEXT, name, SEED)
