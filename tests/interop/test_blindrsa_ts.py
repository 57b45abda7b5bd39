"""Interoperation both ways with @cloudflare/blindrsa-ts, run by node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crypto.blind_rsa import client as blind
from crypto.blind_rsa import verifier
from crypto.blind_rsa.signer import blind_sign
from crypto.keys import generate_token_key, public_key_of
from crypto.signers import load_signer
from shared.encoding import b64u, from_b64u

CLIENT = Path(__file__).parents[2] / "client"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
MESSAGE = b"a message of any length"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        NODE is None or not (CLIENT / "node_modules").is_dir(),
        reason="node or the client's packages are not installed",
    ),
]


def ask(**request: Any) -> dict[str, Any]:
    """One request to client/interop/blindrsa.mjs."""
    done = subprocess.run(
        [NODE or "node", "interop/blindrsa.mjs"],
        cwd=CLIENT,
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_their_client_takes_our_signature_and_we_verify_theirs(bits: int) -> None:
    private = generate_token_key(bits)
    key = public_key_of(private)
    spki = b64u(key.der)
    blinded = ask(do="blind", spki=spki, message=b64u(MESSAGE))
    signature = blind_sign(key, load_signer(private), from_b64u(blinded["blinded"]))
    final = ask(
        do="finalize",
        spki=spki,
        prepared=blinded["prepared"],
        signature=b64u(signature),
        inverse=blinded["inverse"],
    )
    assert from_b64u(blinded["prepared"])[32:] == MESSAGE
    verifier.verify(key, from_b64u(blinded["prepared"]), from_b64u(final["signature"]))


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_our_client_takes_their_signature_and_they_verify_ours(bits: int) -> None:
    private = generate_token_key(bits)
    key = public_key_of(private)
    prepared = blind.prepare(MESSAGE)
    blinded = blind.blind(key, prepared)
    signed = ask(do="sign", pkcs8=b64u(private), blinded=b64u(blinded.message))
    assert from_b64u(signed["signature"]) == blind_sign(key, load_signer(private), blinded.message)
    signature = blind.finalize(key, prepared, from_b64u(signed["signature"]), blinded.inverse)
    spki = b64u(key.der)
    assert ask(do="verify", spki=spki, prepared=b64u(prepared), signature=b64u(signature))["valid"] is True
    other = blind.prepare(b"another message")
    assert ask(do="verify", spki=spki, prepared=b64u(other), signature=b64u(signature))["valid"] is False
