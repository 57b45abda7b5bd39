"""docs/protocol.md 5.6, run as it stands: the openssl command line checks the evidence of an issuance."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from issuer.self_check.evidence import evidence_of
from shared.db import read
from shared.encoding import b64u, canonical_json, from_b64u
from tests.docs.test_by_hand import MISSING, PROTOCOL
from tests.issuer.oauth.town import Town
from tests.issuer.self_check.check import give_token, give_tokens_to_others, publish_batch, snils_of

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]
OTHERS = 6


def commands() -> str:
    block = re.search(r"```sh\n(.*?)```", PROTOCOL.read_text("utf-8").partition("5.6 **Self")[2], re.DOTALL)
    assert block is not None
    return block.group(1)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], bytes]:
    """The environment of the commands, and an evidence file."""
    town = Town(tmp_path_factory.mktemp("town"), changes={"publish_every": 60})
    poll, settings = town.barnaul, town.office.settings
    give_token(town, "barnaul-1", poll)
    give_tokens_to_others(town, poll, OTHERS)
    publish_batch(town)
    pseudonym = town.office.keys.pseudonym(poll.poll_id, snils_of("barnaul-1"))
    with read(town.office.engine) as conn:
        found = evidence_of(conn, town.office.keys, settings.url, poll, pseudonym)
    assert found is not None
    own = poll.manifest.issuers[0]
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "LC_ALL": "C.UTF-8",
        "STATEMENT_KEY": own.statement_key,
        "LOG_KEY": own.log_key,
    }
    return environment, found.to_bytes()


def run(folder: Path, environment: dict[str, str], data: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "evidence.json").write_bytes(data)
    return subprocess.run(
        ["bash", "-c", commands()], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_openssl_verifies_promise_checkpoint_and_inclusion(
    tmp_path: Path, evidence: tuple[dict[str, str], bytes]
) -> None:
    done = run(tmp_path, *evidence)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert done.stdout.endswith("the leaf is in the log\n")


@pytest.mark.parametrize(
    "part", ["blinded_message", "nonce", "pseudonym", "manifest", "promise", "checkpoint", "index", "proof"]
)
def test_openssl_refuses_evidence_changed_in_any_part(
    tmp_path: Path, evidence: tuple[dict[str, str], bytes], part: str
) -> None:
    environment, data = evidence
    parts = json.loads(data)
    if part == "index":
        parts[part] = (parts[part] + 1) % (OTHERS + 1)
    elif part == "proof":
        parts[part][0] = "00" * 32
    else:
        value = bytearray(from_b64u(parts[part]))
        value[-20] ^= 1
        parts[part] = b64u(bytes(value))
    done = run(tmp_path, environment, canonical_json(parts))
    assert done.returncode != 0
    assert "the leaf is in the log" not in done.stdout
