"""cosignature/v1 (c2sp.org/tlog-cosignature), its bytes written out here once more."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.cosignature import WitnessKey, cosign, cosignatures
from crypto.errors import InvalidKey, InvalidSignature
from crypto.signed_note import VerifierKey

SEED = b"TEST KEY witness".ljust(32, b".")
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
KEY = WitnessKey("witness.example/w1", PUBLIC)
HEAD = Checkpoint("box.example/log", 7, bytes(32))
NOTE = sign_checkpoint(HEAD, SEED)


def test_the_line_is_key_id_time_and_signature_on_the_specified_message() -> None:
    line = cosign(HEAD.text(), KEY, SEED, 1_700_000_000)
    dash, name, encoded = line.rstrip("\n").split(" ")
    data = base64.b64decode(encoded)
    assert (dash, name, line[-1]) == ("\u2014", "witness.example/w1", "\n")
    assert data[:4] == hashlib.sha256(b"witness.example/w1\n\x04" + PUBLIC).digest()[:4]
    assert data[4:12] == (1_700_000_000).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1700000000\n" + HEAD.text().encode()
    Ed25519PrivateKey.from_private_bytes(SEED).public_key().verify(data[12:], message)


def test_a_cosigned_note_opens_under_the_log_key_and_names_its_witnesses() -> None:
    note = NOTE + cosign(HEAD.text(), KEY, SEED, 5).encode() + cosign(HEAD.text(), KEY, SEED, 9).encode()
    assert open_checkpoint(note, VerifierKey(HEAD.origin, PUBLIC)) == HEAD
    assert cosignatures(note, [KEY]) == {KEY: 9}
    assert cosignatures(NOTE, [KEY]) == {}


@pytest.mark.parametrize("at", [8, 40])
def test_a_changed_time_or_signature_is_refused(at: int) -> None:
    line = cosign(HEAD.text(), KEY, SEED, 5)
    data = bytearray(base64.b64decode(line.split(" ")[2]))
    data[at] ^= 1
    forged = f"\u2014 {KEY.name} {base64.b64encode(data).decode()}\n"
    with pytest.raises(InvalidSignature):
        cosignatures(NOTE + forged.encode(), [KEY])


def test_a_witness_key_and_a_log_key_are_not_taken_for_each_other() -> None:
    assert WitnessKey.parse(str(KEY)) == KEY
    with pytest.raises(InvalidKey):
        VerifierKey.parse(str(KEY))
    with pytest.raises(InvalidKey):
        WitnessKey.parse(str(VerifierKey("box.example/log", PUBLIC)))
