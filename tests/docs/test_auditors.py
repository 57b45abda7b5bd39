"""docs/auditors.md and docs/auditors.ru.md: their commands, run as they stand, check a poll over HTTP."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.encoding import b64u, canonical_json
from shared.result import sign_result
from tests.auditor.site import Site, running_site
from tests.docs.test_by_hand import run_by_hand
from tests.simulator import ANSWERS, Election

DOCS = Path(__file__).parents[2] / "docs"
NEEDED = ("bash", "openssl", "jq", "curl", "xxd", "base64")
MISSING = [tool for tool in NEEDED if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def _script(name: str, language: str = "sh") -> str:
    block = re.search(rf"```{language}\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    assert block is not None
    return block.group(1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path / "site") as running:
        running.election.close()
        yield running


def _run(site: Site, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    assert site.election.trust is not None
    (folder / "trust.json").write_bytes(site.election.trust.to_bytes())
    kept = site.election.receipts[3]
    receipt = {
        "leaf_hash": kept.leaf_hash.hex(),
        "poll_id": kept.poll_id.hex(),
        "receipt": b64u(kept.signature),
    }
    (folder / "receipt.json").write_bytes(canonical_json(receipt | {"format": "veche/receipt/v1"}))
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "POLL": site.poll_url}
    return subprocess.run(
        ["bash", "-c", _script("auditors.md")],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_both_languages_give_the_same_commands() -> None:
    for language in ("sh", "python"):
        assert _script("auditors.md", language) == _script("auditors.ru.md", language)


def test_an_honest_poll_is_counted_by_hand(site: Site, tmp_path: Path) -> None:
    site.show(site.election)
    done = _run(site, tmp_path / "hand")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 5
    assert '[["place","river"],2]' in done.stdout
    for number in range(1, 5):
        entry = (tmp_path / "hand" / f"entry.{number}").read_bytes()
        (tmp_path / f"ballot-{number}").mkdir()
        by_hand = run_by_hand(tmp_path / f"ballot-{number}", site.election, entry)
        assert by_hand.stdout.count("Verified OK") == 2


def _wrong_count(site: Site) -> None:
    result = site.election.record().result.replace(b'"votes":2', b'"votes":3')
    signature = b64u(sign_result(site.election.box_seed, result)).encode()
    site.election.changes = {"result": result, "result_signature": signature}


def _stranger(site: Site) -> None:
    site.election.issuer_seed = site.election.box_seed


def _doubled(site: Site) -> None:
    site.election.entries.insert(5, site.election.entries[4])
    site.election.reclose()


def _other_log_key(site: Site) -> None:
    site.election.box_log_seed = site.election.box_seed


def _receipt_without_its_ballot(site: Site) -> None:
    site.election.entries[4] = site.election.ballot(ANSWERS[0])


def _uncatalogued(site: Site) -> None:
    site.election.changes = {"catalogue_proof": site.election.catalogue_proof(b"some other poll")}


@pytest.mark.parametrize(
    "crime", [_wrong_count, _stranger, _doubled, _other_log_key, _receipt_without_its_ballot, _uncatalogued]
)
def test_a_crime_is_found_by_hand(site: Site, tmp_path: Path, crime: object) -> None:
    assert callable(crime)
    crime(site)
    site.show(site.election)
    assert _run(site, tmp_path / "hand").returncode != 0


def _read_by_client(site: Site, folder: Path, kept: bytes) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "manifest.json").write_bytes(site.election.poll.manifest_bytes)
    (folder / "kept").write_bytes(kept)
    argv = [sys.executable, "-c", _script("auditors.md", "python"), "kept"]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def test_a_c2sp_client_reads_the_log_and_finds_another_history(site: Site, tmp_path: Path) -> None:
    entries = site.election.entries
    kept = Election(site.election.poll, entries=entries[:3]).checkpoint()
    site.show(site.election)
    done = _read_by_client(site, tmp_path / "honest", kept)
    assert done.stdout == "6 entries, 1 earlier checkpoints\n", done.stderr
    assert [(tmp_path / "honest" / f"entry.{n}").read_bytes() for n in range(6)] == entries
    entries[1], entries[2] = entries[3], entries[1]
    site.show(site.election)
    assert "ConsistencyProofInvalid" in _read_by_client(site, tmp_path / "forked", kept).stderr
