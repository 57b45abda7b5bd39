"""docs/protocol.md 9.4, run as it stands: the openssl command line checks a ballot."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.ballot import decode_ballot
from tests.simulator import ANSWERS, Election, open_election

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
NEEDED = ("bash", "openssl", "dd", "xxd")
MISSING = [tool for tool in NEEDED if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def _commands() -> str:
    section = PROTOCOL.read_text("utf-8").partition("9.4 **By hand.**")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block.group(1)


def run_by_hand(folder: Path, election: Election, ballot: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "ballot.bin").write_bytes(ballot)
    (folder / "manifest.json").write_bytes(election.poll.manifest_bytes)
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "TOKEN_KEY": election.poll.manifest.issuers[0].token_key,
    }
    return subprocess.run(
        ["bash", "-c", _commands()], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_openssl_verifies_token_and_ballot_signature(tmp_path: Path) -> None:
    election = open_election()
    done = run_by_hand(tmp_path, election, election.ballot(ANSWERS[0]))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Verified OK") == 2
    assert '"place":["river"]' in done.stdout


@pytest.mark.parametrize("part", ["poll_id", "prefix", "token", "key", "answers", "signature"])
def test_openssl_refuses_a_ballot_changed_in_any_part(tmp_path: Path, part: str) -> None:
    election = open_election()
    ballot = election.ballot(ANSWERS[0])
    m = len(decode_ballot(ballot).tokens[0].signature)
    at = {
        "poll_id": 20,
        "prefix": 130,
        "token": 154 + m // 2,
        "key": 60,
        "answers": 160 + m,
        "signature": -40,
    }[part]
    changed = bytearray(ballot)
    changed[at] ^= 1
    done = run_by_hand(tmp_path, election, bytes(changed))
    assert done.returncode != 0
    assert done.stdout.count("Verified OK") < 2
