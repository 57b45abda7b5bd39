"""The witness over HTTP, by the sentences of c2sp.org/tlog-witness."""

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from auditor.evidence import Evidence
from auditor.witness.cosigner import Busy, Cosigner
from auditor.witness.server import WitnessServer
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosignatures
from crypto.merkle import leaf_hash, prove_consistency, root_of
from crypto.signed_note import VerifierKey
from tests.simulator import log_key, seed

URL = "http://box.example/log"
ORIGIN = "box.example/log"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAVES = [leaf_hash(bytes([number])) for number in range(20)]
FORKED = [leaf_hash(b"other"), *LEAVES[1:]]


def _note(size: int, leaves: list[bytes] = LEAVES, origin: str = ORIGIN, key: str = "log") -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, root_of(leaves[:size])), seed(key))


def _body(old: int, new: int, leaves: list[bytes] = LEAVES) -> bytes:
    proof = prove_consistency(old, new, lambda a, b: root_of(leaves[a:b])) if 0 < old < new else []
    lines = "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)
    return f"old {old}\n{lines}\n".encode() + _note(new, leaves)


@dataclass
class Witness:
    url: str
    cosigner: Cosigner
    folder: Path

    def post(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body)


@contextmanager
def _running(folder: Path) -> Iterator[Witness]:
    cosigner = Cosigner(folder, "witness.example", {ORIGIN: VerifierKey.parse(log_key(URL, seed("log")))})
    with WitnessServer(("127.0.0.1", 0), cosigner, lambda: NOW) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Witness(f"http://127.0.0.1:{server.server_port}", cosigner, folder)
        server.shutdown()
    cosigner.close()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with _running(tmp_path / "witness") as running:
        yield running


def test_a_first_checkpoint_is_cosigned_with_the_time(witness: Witness) -> None:
    answer = witness.post(_body(0, 5))
    assert answer.status_code == 200
    assert cosignatures(_note(5) + answer.content, [witness.cosigner.key]) == {
        witness.cosigner.key: int(NOW.timestamp())
    }


def test_what_extends_it_is_cosigned_and_kept_for_monitors(witness: Witness) -> None:
    for old, new in ((0, 5), (5, 8), (8, 20), (20, 20)):
        assert witness.post(_body(old, new)).status_code == 200
    kept = httpx.get(f"{witness.url}/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint")
    assert kept.content.startswith(_note(20))
    assert cosignatures(kept.content, [witness.cosigner.key])


def test_another_old_size_is_answered_with_ours(witness: Witness) -> None:
    witness.post(_body(0, 5))
    answer = witness.post(_body(3, 8))
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (
        409,
        "text/x.tlog.size",
        "5\n",
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (_body(0, 5)[:-1], 400),
        (b"", 400),
        (b"old 05\n\n" + _note(5), 400),
        (b"old 0\n" + b"A" * 44 + b"\n\n" + _note(5), 400),
        (b"old 0\n" + base64.b64encode(bytes(32)) + b"\n\n" + _note(5), 422),
        (b"old 6\n\n" + _note(5), 400),
        (b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n" + _note(5), 400),
        (b"old 0\n\n" + _note(5, origin="other.example/log"), 404),
        (b"old 0\n\n" + _note(5, key="stranger"), 403),
        (b"old 0\n\n" + sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), seed("log")), 422),
    ],
)
def test_each_fault_has_the_status_that_the_specification_gives(
    witness: Witness, body: bytes, status: int
) -> None:
    assert witness.post(body).status_code == status
    assert witness.post(_body(0, 5)).status_code == 200


@pytest.mark.parametrize("new", [5, 8, 13])
def test_another_history_is_refused_and_the_evidence_kept(witness: Witness, new: int) -> None:
    witness.post(_body(0, 5))
    assert witness.post(_body(5, new, FORKED)).status_code == 422
    (file,) = (witness.folder / "evidence").iterdir()
    assert "leaves" in Evidence.parse(file.read_bytes()).check()
    assert witness.post(_body(5, 13)).status_code == 200


def test_a_witness_started_anew_remembers_key_and_history(tmp_path: Path) -> None:
    with _running(tmp_path) as first:
        first.post(_body(0, 8))
        key = first.cosigner.key
        with pytest.raises(Busy):
            Cosigner(tmp_path, "witness.example", {})
    with _running(tmp_path) as second:
        assert second.cosigner.key == key
        assert second.post(_body(0, 8, FORKED)).status_code == 409
        assert second.post(_body(8, 9, FORKED)).status_code == 422


def test_of_two_histories_at_the_same_moment_one_is_cosigned(witness: Witness) -> None:
    bodies = [_body(0, 9), _body(0, 9, FORKED)] * 4
    with ThreadPoolExecutor(8) as pool:
        statuses = [answer.status_code for answer in pool.map(witness.post, bodies)]
    assert statuses.count(200) == 1
    assert set(statuses) == {200, 409}


def test_a_body_without_length_or_beyond_the_limit_is_refused(witness: Witness) -> None:
    assert witness.post(bytes(100_000)).status_code == 413
    chunked = httpx.post(f"{witness.url}/add-checkpoint", content=iter([b"old 0"]))
    assert chunked.status_code == 411


def test_a_length_that_no_number_holds_is_refused_and_nobody_s_address_is_told(
    witness: Witness, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(witness.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as client:
        client.sendall(b"POST /add-checkpoint HTTP/1.1\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 413"
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as client:
        client.sendall(b"POST /add-checkpoint HTTP/1.1\r\ncontent-length: 9\r\n\r\n")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert httpx.get(witness.url).status_code == 404
    assert "127.0.0.1" not in capfd.readouterr().err


def test_unknown_paths_are_not_there(witness: Witness) -> None:
    assert httpx.get(f"{witness.url}/{'0' * 64}/checkpoint").status_code == 404
    assert httpx.post(f"{witness.url}/elsewhere", content=_body(0, 5)).status_code == 404
