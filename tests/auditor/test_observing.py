"""What observers do while a poll runs: compare, watch, look up a receipt, take a ballot apart."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crypto.merkle import root_of
from shared.encoding import b64u, canonical_json
from shared.record import record_path
from tests.auditor.site import Site, running_site
from tests.programs.processes import command
from tests.public_record import write_folder
from tests.simulator import ANSWERS, Election, open_election, seed

AUDIT = command("veche-audit")


def _run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [AUDIT, *argv], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path / "site") as running:
        yield running


def _forked(election: Election) -> Election:
    """The same poll with another first ballot and one more at the end."""
    fork = Election(election.poll, entries=list(election.entries), issuance=list(election.issuance))
    fork.entries[1] = fork.ballot(ANSWERS[3])
    fork.cast(fork.ballot(ANSWERS[0]))
    return fork


def _grown(election: Election) -> Election:
    grown = Election(election.poll, entries=list(election.entries), issuance=list(election.issuance))
    grown.cast(grown.ballot(ANSWERS[0]))
    return grown


def test_a_poll_that_grew_is_one_history(site: Site, tmp_path: Path) -> None:
    for name, election in (("old", site.election), ("new", _grown(site.election))):
        write_folder(tmp_path / name, election.record().files())
    done = _run("diff", tmp_path / "old", tmp_path / "new")
    assert done.returncode == 0, done.stdout
    assert "one history, 5 and 6 leaves" in done.stdout


@pytest.mark.attack("A25")
@pytest.mark.parametrize("ballots", [3, 4, 7])
def test_a_fork_is_proven_by_a_file_that_convinces_alone(site: Site, tmp_path: Path, ballots: int) -> None:
    while len(site.election.entries) < ballots + 1:
        site.election.cast(site.election.ballot(ANSWERS[0]))
    del site.election.entries[ballots + 1 :]
    for name, election in (("old", site.election), ("new", _forked(site.election))):
        write_folder(tmp_path / name, election.record().files())
    evidence = tmp_path / "evidence.json"
    assert _run("diff", tmp_path / "old", tmp_path / "new", "--evidence", evidence).returncode == 1
    done = _run("diff", evidence)
    assert (done.returncode, done.stdout.startswith("proven: ")) == (1, True)


@pytest.mark.attack("A42")
def test_evidence_with_one_hash_changed_proves_nothing(site: Site, tmp_path: Path) -> None:
    for name, election in (("old", site.election), ("new", _forked(site.election))):
        write_folder(tmp_path / name, election.record().files())
    evidence = tmp_path / "evidence.json"
    _run("diff", tmp_path / "old", tmp_path / "new", "--evidence", evidence)
    members = json.loads(evidence.read_bytes())
    members["nodes"][0] = root_of([]).hex()
    evidence.write_bytes(canonical_json(members))
    assert _run("diff", evidence).returncode == 2
    evidence.write_bytes(b"{}")
    assert _run("diff", evidence).returncode == 2


def test_a_watcher_is_content_while_a_log_grows_and_alarmed_when_it_changes_its_past(
    site: Site, tmp_path: Path
) -> None:
    look = ("watch", site.poll_url, "--folder", tmp_path / "seen", "--rounds", "1", "--mean-seconds", "0")
    site.show(site.election)
    assert _run(*look).returncode == 0
    site.show(_grown(site.election))
    assert _run(*look).returncode == 0
    site.show(_forked(_grown(site.election)))
    done = _run(*look)
    assert done.returncode == 1
    assert "ALARM" in done.stdout
    (evidence,) = (tmp_path / "seen").glob("alarm-*.json")
    assert _run("diff", evidence).returncode == 1


def test_a_watcher_is_alarmed_by_a_smaller_log_and_by_a_stranger_s_signature(
    site: Site, tmp_path: Path
) -> None:
    look = ("watch", site.poll_url, "--folder", tmp_path / "seen", "--rounds", "1")
    site.show(_grown(site.election))
    assert _run(*look).returncode == 0
    site.show(site.election)
    assert "5 leaves where 6 were signed before" in _run(*look).stdout
    site.election.box_log_seed = seed("stranger")
    site.show(site.election)
    assert "not signed by the log" in _run(*look).stdout


def test_a_watcher_misses_a_log_that_was_there(site: Site, tmp_path: Path) -> None:
    look = ("watch", site.poll_url, "--folder", tmp_path / "seen", "--rounds", "1")
    site.show(site.election)
    assert _run(*look).returncode == 0
    for checkpoint in site.folder.glob("box/log/*/checkpoint"):
        checkpoint.unlink()
    done = _run(*look)
    assert done.returncode == 2
    assert "gone" in done.stdout


def test_a_watcher_says_when_a_poll_is_out_of_reach(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:9/polls/{'0' * 64}"
    assert _run("watch", url, "--folder", tmp_path / "seen", "--rounds", "1").returncode == 2


@pytest.mark.parametrize("dropped", [None, 2])
def test_a_receipt_is_looked_up(site: Site, tmp_path: Path, dropped: int | None) -> None:
    election = site.election
    kept = election.receipts[1]
    members: dict[str, object] = {
        "format": "veche/receipt/v1",
        "leaf_hash": kept.leaf_hash.hex(),
        "poll_id": kept.poll_id.hex(),
        "receipt": b64u(kept.signature),
    }
    if dropped is not None:
        del election.entries[dropped]
        members = {"checkpoint": b64u(b"a note"), "format": "veche/dispute/v1", "receipt": members}
    (tmp_path / "receipt.json").write_bytes(canonical_json(members))
    site.show(election)
    done = _run("receipt", tmp_path / "receipt.json", site.poll_url)
    code, words = (0, "leaf 2 of 5") if dropped is None else (1, "MISSING")
    assert (done.returncode, words in done.stdout) == (code, True), done.stdout
    assert "could be anybody's" in done.stdout
    assert election.trust is not None
    (tmp_path / "trust.json").write_bytes(election.trust.to_bytes())
    done = _run("receipt", tmp_path / "receipt.json", site.poll_url, "--trust", tmp_path / "trust.json")
    assert (done.returncode, "anybody" in done.stdout) == (code, False), done.stdout


def test_an_explained_ballot_is_whole_and_its_commands_check_it(tmp_path: Path) -> None:
    election = open_election()
    ballot = election.ballot(ANSWERS[0])
    (tmp_path / "a ballot.bin").write_bytes(ballot)
    (tmp_path / "manifest.json").write_bytes(election.poll.manifest_bytes)
    argv = ("explain", tmp_path / "a ballot.bin", "--manifest", tmp_path / "manifest.json")
    lines = [line.split() for line in _run(*argv).stdout.splitlines()[1:] if line.split()[0].isdigit()]
    assert sum(int(line[1]) for line in lines) == len(ballot)
    script = _run(*argv, "--commands-only").stdout
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.count("Verified OK") == 2, done.stderr
    (tmp_path / "a ballot.bin").write_bytes(ballot.replace(b"river", b"rivet"))
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.count("Verified OK") == 1


def test_a_copy_that_breaks_off_leaves_what_was_there(site: Site, tmp_path: Path) -> None:
    site.election.close()
    site.show(site.election)
    assert _run("mirror", site.poll_url, tmp_path / "poll.zip").returncode == 0
    before = (tmp_path / "poll.zip").read_bytes()
    site.traps["tile/0/000.p/6"] = lambda request: request.send_error(500)
    assert _run("mirror", site.poll_url, tmp_path / "poll.zip").returncode == 2
    assert (tmp_path / "poll.zip").read_bytes() == before
    assert [path.name for path in tmp_path.glob("poll*")] == ["poll.zip"]


def test_a_file_that_cannot_be_written_is_named(site: Site, tmp_path: Path) -> None:
    site.show(site.election)
    (tmp_path / "file").touch()
    done = _run("watch", site.poll_url, "--folder", tmp_path / "file" / "seen", "--rounds", "1")
    assert done.returncode == 2
    assert "file/seen: Not a directory" in done.stderr


def test_what_is_no_ballot_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "ballot.bin").write_bytes(b"veche/ballot/v1\n")
    assert _run("explain", tmp_path / "ballot.bin").returncode == 64


def test_url_mirror_and_zip_give_one_report(site: Site, tmp_path: Path) -> None:
    election = site.election
    election.close()
    site.show(election)
    assert election.trust is not None
    (tmp_path / "trust.json").write_bytes(election.trust.to_bytes())
    decision = site.folder / site.poll_url.split("/", 3)[3] / "decision.json"
    decision.write_bytes(b"{}")
    for copy in ("mirror", "poll.zip"):
        assert _run("mirror", site.poll_url, tmp_path / copy).returncode == 0
    assert (tmp_path / "mirror" / record_path(f"{site.poll_url}/decision.json")).read_bytes() == b"{}"
    sources = (site.poll_url, tmp_path / "mirror", tmp_path / "poll.zip")
    done = [_run("verify", source, "--trust", tmp_path / "trust.json", "--json") for source in sources]
    assert [one.returncode for one in done] == [0, 0, 0], done[0].stdout
    assert len({one.stdout for one in done}) == 1
