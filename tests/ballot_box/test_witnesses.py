"""Witnesses of their own, over HTTP, cosign what the box publishes; an outage of theirs stops no election."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from auditor.source import Fetch, NotThere
from auditor.web import Web
from auditor.witness.catalogue import Catalogue
from ballot_box import tables
from ballot_box.settings import Settings
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import WitnessKey, cosignatures
from crypto.merkle import EMPTY_ROOT
from crypto.signed_note import VerifierKey
from shared.catalogue import LOG_ID
from shared.db import write
from shared.log import witnesses
from shared.log.sequencer import append_all, sequence
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.front import Front
from tests.running_witness import RunningWitness


def witnessed(tmp_path: Path, *witnesses: str) -> Box:
    (tmp_path / "box").mkdir()
    return Box(tmp_path / "box", witnesses=witnesses)


def publish(box: Box, witness: RunningWitness) -> Poll:
    """A poll whose logs the witness knows."""
    witness.admit(box.trust.ballot_box.catalogue)
    poll = box.draft()
    witness.admit(VerifierKey.parse(poll.manifest.ballot_box.log_key))
    assert box.put(poll).status_code == 201
    return poll


def cosigners(box: Box, log_url: str, key: WitnessKey) -> set[WitnessKey]:
    return set(cosignatures(box.get(f"{log_url}/checkpoint"), [key]))


@pytest.mark.attack("A15")
def test_every_checkpoint_that_goes_out_is_cosigned(tmp_path: Path, witness: RunningWitness) -> None:
    box = witnessed(tmp_path, witness.setting)
    poll = publish(box, witness)
    for log in (poll.manifest.ballot_box.log_url, f"/log/{LOG_ID}"):
        assert cosigners(box, log, witness.key) == {witness.key}
    box.cast(poll, box.ballot(poll))
    box.close(poll)
    assert box.checkpoint(poll).size == 3
    assert cosigners(box, poll.manifest.ballot_box.log_url, witness.key) == {witness.key}
    assert box.http.get(f"/polls/{poll.poll_id.hex()}/result.json").status_code == 200


def test_a_box_that_forgot_what_the_witness_saw_asks_again(tmp_path: Path, witness: RunningWitness) -> None:
    box = witnessed(tmp_path, witness.setting)
    poll = publish(box, witness)
    box.cast(poll, box.ballot(poll))
    box.watch.now = poll.manifest.closes_at
    box.new_worker().step()
    assert cosigners(box, poll.manifest.ballot_box.log_url, witness.key) == {witness.key}


def test_a_checkpoint_waits_for_its_witnesses_and_then_goes_out_without(
    tmp_path: Path, witness: RunningWitness, capsys: pytest.CaptureFixture[str]
) -> None:
    box = witnessed(tmp_path, witness.setting)
    poll = publish(box, witness)
    log_url = poll.manifest.ballot_box.log_url
    witness.cosigner.logs.clear()
    box.cast(poll, box.ballot(poll))
    box.close(poll)
    assert box.checkpoint(poll).size == 1
    with pytest.raises(NotThere):
        box.get(f"/polls/{poll.poll_id.hex()}/result.json")
    box.watch.now += timedelta(seconds=box.settings.patience)
    box.worker.step()
    assert box.checkpoint(poll).size == 3
    assert cosigners(box, log_url, witness.key) == set()
    assert "witnesses-missing" in capsys.readouterr().out
    assert box.get(f"/polls/{poll.poll_id.hex()}/result.json")


def test_a_witness_that_comes_back_in_time_is_heard(tmp_path: Path, witness: RunningWitness) -> None:
    box = witnessed(tmp_path, witness.setting)
    poll = publish(box, witness)
    known = dict(witness.cosigner.logs)
    witness.cosigner.logs.clear()
    box.cast(poll, box.ballot(poll))
    box.close(poll)
    witness.admit(*known.values())
    box.worker.step()
    assert box.checkpoint(poll).size == 3
    assert cosigners(box, poll.manifest.ballot_box.log_url, witness.key) == {witness.key}


def test_a_witness_learns_the_logs_of_new_polls_from_the_catalogue(tmp_path: Path, front: Front) -> None:
    trust = Box(tmp_path, url=front.url).trust
    witness = RunningWitness(tmp_path / "witness", Catalogue(trust))
    box = Box(tmp_path, url=front.url, witnesses=(witness.setting,))
    front.show(box)
    poll = box.publish()
    assert cosigners(box, poll.manifest.ballot_box.log_url, witness.key) == {witness.key}
    stranger = sign_checkpoint(Checkpoint("stranger.example/log", 0, EMPTY_ROOT), bytes(32))
    answer = httpx.post(f"{witness.setting.split()[1]}/add-checkpoint", content=b"old 0\n\n" + stranger)
    assert answer.status_code == 404
    witness.stop()


def test_a_witness_reads_a_catalogue_of_long_entries(tmp_path: Path, front: Front) -> None:
    """Manifests and cancellations may have 60,000 bytes each: longer than the ballots of a record."""
    trust = Box(tmp_path, url=front.url).trust
    witness = RunningWitness(tmp_path / "witness", Catalogue(trust))
    box = Box(tmp_path, url=front.url, witnesses=(witness.setting,))
    with write(box.engine) as conn:
        append_all(conn, tables.log, LOG_ID, [bytes([number]) * 60_000 for number in range(72)])
        sequence(conn, tables.log, LOG_ID, lambda _: None)
    front.show(box)
    poll = box.publish()
    assert cosigners(box, poll.manifest.ballot_box.log_url, witness.key) == {witness.key}
    witness.stop()


def test_a_witness_reads_whole_bundles_of_the_catalogue_once(
    tmp_path: Path, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Asking(Web):
        def __call__(self) -> Fetch:
            fetch = super().__call__()

            def ask(url: str, limit: int) -> bytes:
                asked.append(url)
                return fetch(url, limit)

            return ask

    monkeypatch.setattr("auditor.witness.catalogue.Web", Asking)
    catalogue = Catalogue(Box(tmp_path, url=front.url).trust)
    box = Box(tmp_path, url=front.url)
    with write(box.engine) as conn:
        append_all(conn, tables.log, LOG_ID, [f"entry {number}".encode() for number in range(300)])
        sequence(conn, tables.log, LOG_ID, lambda _: None)
    front.show(box)
    polls = []
    for request in ("ab" * 32, "cd" * 32):
        polls.append(box.publish(request))
        catalogue._read = float("-inf")
        known = set(map(str, catalogue.logs().values()))
    assert {poll.manifest.ballot_box.log_key for poll in polls} <= known
    assert [url.rpartition("/tile/")[2] for url in asked if "/tile/" in url] == [
        "entries/000",
        "entries/001.p/45",
        "entries/001.p/46",
    ]


def test_a_process_that_did_not_publish_for_long_waits_as_any_other(
    tmp_path: Path, witness: RunningWitness
) -> None:
    box = witnessed(tmp_path, witness.setting)
    witness.admit(box.trust.ballot_box.catalogue)
    known = dict(witness.cosigner.logs)
    witness.cosigner.logs.clear()
    assert box.put(box.draft()).status_code == 201
    witness.admit(*known.values())
    box.worker.step()
    assert cosigners(box, f"/log/{LOG_ID}", witness.key) == {witness.key}
    box.watch.now += timedelta(minutes=10)
    witness.cosigner.logs.clear()
    assert box.put(box.draft("cd" * 32)).status_code == 201
    assert cosigners(box, f"/log/{LOG_ID}", witness.key) == {witness.key}, "it went out at once, without"


class _Silent(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class _Liar(_Silent):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\xe2\x80\x94 witness.example AAAAAAAA\n")


class _Trickler(_Silent):
    def do_POST(self) -> None:
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx-")
            while True:
                self.wfile.write(b"a")
                time.sleep(0.05)


class _Flood(_Silent):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(1 << 16))


@contextmanager
def lying(handler: type[_Silent] = _Liar) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_is_no_cosignature_is_not_published(tmp_path: Path) -> None:
    with lying() as url:
        box = witnessed(tmp_path, f"{WitnessKey('witness.example', bytes(32))} {url}")
        poll = box.draft()
        assert box.put(poll).status_code == 201
        box.worker.step()
        box.watch.now += timedelta(seconds=box.settings.patience)
        box.worker.step()
        note = box.get(f"{poll.manifest.ballot_box.log_url}/checkpoint")
        assert b"witness.example" not in note


@pytest.mark.parametrize("handler", [_Trickler, _Flood])
def test_a_witness_whose_answer_has_no_end_holds_nobody_up(
    tmp_path: Path, handler: type[_Silent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "ANSWER_SECONDS", 0.3)
    with lying(handler) as url:
        box = witnessed(tmp_path, f"{WitnessKey('witness.example', bytes(32))} {url}")
        started = time.monotonic()
        assert box.put(box.draft()).status_code == 201
        assert time.monotonic() - started < 30, "it trickles, or pours, for ever"


@pytest.mark.parametrize("text", ["", "key", "witness.example+00000000+AAAA http://127.0.0.1", "x ftp://y"])
def test_a_setting_that_names_no_witness_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(Box(tmp_path).members() | {"witnesses": (text,)})
