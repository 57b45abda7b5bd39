"""Checkpoints: three lines, one reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import ed25519
from crypto.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from crypto.errors import MalformedCheckpoint, UnsignedNote
from crypto.merkle import EMPTY_ROOT
from crypto.signed_note import VerifierKey, sign_note

SEED = b"\x03" * 32
"""TEST KEY."""

ORIGIN = "log.example/log/a"
KEY = VerifierKey(ORIGIN, ed25519.public_key(SEED))
ROOT = "A" * 43 + "="


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_what_opens(size: int, root: bytes) -> None:
    head = Checkpoint(ORIGIN, size, root)
    assert parse_checkpoint(head.text()) == head
    assert open_checkpoint(sign_checkpoint(head, SEED), KEY) == head


def test_the_empty_tree_has_size_zero() -> None:
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()
    assert text == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


MALFORMED = {
    "empty": "",
    "no origin": f"\n1\n{ROOT}\n",
    "no root": f"{ORIGIN}\n1\n",
    "an extension line": f"{ORIGIN}\n1\n{ROOT}\nextra\n",
    "no final newline": f"{ORIGIN}\n1\n{ROOT}",
    "an empty line at the end": f"{ORIGIN}\n1\n{ROOT}\n\n",
    "a leading zero": f"{ORIGIN}\n01\n{ROOT}\n",
    "a sign": f"{ORIGIN}\n+1\n{ROOT}\n",
    "a negative size": f"{ORIGIN}\n-1\n{ROOT}\n",
    "a space": f"{ORIGIN}\n1 \n{ROOT}\n",
    "an underscore": f"{ORIGIN}\n1_0\n{ROOT}\n",
    "other digits": f"{ORIGIN}\n\u0661\n{ROOT}\n",
    "a size without end": f"{ORIGIN}\n{'9' * 20}\n{ROOT}\n",
    "a short root": f"{ORIGIN}\n1\n{'A' * 40}\n",
    "a long root": f"{ORIGIN}\n1\n{'A' * 44}\n",
    "a root without padding": f"{ORIGIN}\n1\n{'A' * 43}\n",
    "a root with stray bits": f"{ORIGIN}\n1\n{'A' * 42}B=\n",
    "a root in the other alphabet": f"{ORIGIN}\n1\n{'_' * 42}8=\n",
    "a root that is no base64": f"{ORIGIN}\n1\nящик\n",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedCheckpoint):
        parse_checkpoint(text)


def test_a_signed_text_that_is_not_a_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedCheckpoint):
        open_checkpoint(sign_note(f"{ORIGIN}\n1\n", ORIGIN, SEED), KEY)


def test_a_checkpoint_of_another_origin_is_refused_though_the_key_signed_it() -> None:
    other = Checkpoint("log.example/log/b", 1, bytes(32))
    with pytest.raises(MalformedCheckpoint, match="another origin"):
        open_checkpoint(sign_note(other.text(), ORIGIN, SEED), KEY)


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    with pytest.raises(UnsignedNote):
        open_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), b"\x04" * 32), KEY)
