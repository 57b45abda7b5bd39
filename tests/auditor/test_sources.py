"""Sources of all kinds, good and hostile: the same verdict from each, bounded reading, never a traceback."""

import http.server
import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest

from auditor import web
from auditor.record_zip import MAX_DIRECTORY_SIZE
from auditor.source import Folder, NotThere, OutOfReach, Zip
from auditor.web import Web
from shared.record import record_path, write_zip
from tests.programs.processes import command
from tests.public_record import write_folder
from tests.simulator import Election

AUDIT = command("veche-audit")


def _run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUDIT, *argv], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def _zip(path: Path, election: Election) -> Path:
    files = {record_path(url): data for url, data in election.record().files().items()}
    with path.open("wb") as out:
        write_zip(out, sorted(files.items()))
    return path


@contextmanager
def _server(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _fetch(url: str, *, limit: int = 1024, seconds: float = 60) -> bytes:
    return Web(time.monotonic() + seconds)()(url, limit)


def test_folder_mirror_and_zip_give_the_same_report(election: Election, trust: str, tmp_path: Path) -> None:
    write_folder(tmp_path / "folder", election.record().files())
    for target in ("mirror", "first.zip"):
        assert _run("mirror", tmp_path / "folder", tmp_path / target).returncode == 0
    assert _run("mirror", tmp_path / "mirror", tmp_path / "second.zip").returncode == 0
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    reports = {
        _run("verify", tmp_path / name, "--trust", trust, "--json").stdout
        for name in ("folder", "mirror", "first.zip")
    }
    assert [json.loads(report)["verdict"] for report in reports] == ["verified"]


def test_a_folder_that_a_plain_web_server_shows_elsewhere_is_verified_by_its_address(
    election: Election, trust: str, tmp_path: Path
) -> None:
    write_folder(tmp_path / "www" / "copy", election.record().files())
    with _files(tmp_path / "www") as address:
        url = f"{address}/copy/{record_path(election.record().poll_url)}"
        assert url.startswith("http://127.0.0.1:")
        there = _run("verify", url, "--trust", trust, "--json").stdout
        wrong = _run(
            "verify", url.replace(f"/{record_path('http://127.0.0.4:8000')}/", "/other/"), "--trust", trust
        )
    here = _run("verify", tmp_path / "www" / "copy", "--trust", trust, "--json").stdout
    assert json.loads(there)["verdict"] == "verified"
    assert there == here
    assert wrong.returncode == 1


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """Python's own web server over a folder, as a process of its own."""
    argv = [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(
        [argv[0], "-u", *argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    port = server.stdout.readline().split("port ")[1].split(" ")[0]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def test_equal_files_give_equal_zips_and_paths_must_ascend() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for out in (first, second):
        write_zip(out, [("a/b", b"1"), ("a/c", b"2")])
    assert first.getvalue() == second.getvalue()
    with pytest.raises(ValueError, match="ascend"):
        write_zip(io.BytesIO(), [("b", b""), ("a", b"")])


@pytest.mark.parametrize("cut", [0, 1, 100, 0.5, -1])
def test_a_truncated_zip_is_inconclusive(election: Election, trust: str, tmp_path: Path, cut: float) -> None:
    path = _zip(tmp_path / "record.zip", election)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut) if isinstance(cut, float) else cut])
    done = _run("verify", path, "--trust", trust)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_zip_with_a_damaged_member_is_never_verified(
    election: Election, trust: str, tmp_path: Path
) -> None:
    path = _zip(tmp_path / "record.zip", election)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"veche/ballot/v1", b"veche/ballot/v2", 1))
    done = _run("verify", path, "--trust", trust)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a//b", "a/../../b", "a\\b", "a/./b", "a/", "C:a", "а", "a" * 501]
)
def test_a_zip_with_an_odd_path_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(OutOfReach, match="a path that no URL has"):
        Zip(tmp_path / "odd.zip")()


@pytest.mark.attack("A41")
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("127.0.0.4/polls/manifest.json", bytes(10_000_000))
    with pytest.raises(OutOfReach, match="compressed"):
        Zip(tmp_path / "bomb.zip")()


def test_a_zip_with_a_path_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", b"2")
    with pytest.raises(OutOfReach, match="twice"):
        Zip(tmp_path / "twice.zip")()


def test_a_zip_that_claims_a_huge_directory_is_refused(tmp_path: Path) -> None:
    end = (
        b"PK\x05\x06" + bytes(4) + b"\xff\xff" * 2 + (MAX_DIRECTORY_SIZE + 1).to_bytes(4, "little") + bytes(6)
    )
    (tmp_path / "huge.zip").write_bytes(bytes(1000) + end)
    with pytest.raises(OutOfReach, match="too large"):
        Zip(tmp_path / "huge.zip")()


@pytest.mark.attack("A41")
def test_a_path_that_leaves_the_folder_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "folder" / "127.0.0.4_8000").mkdir(parents=True)
    (tmp_path / "folder" / "127.0.0.4_8000" / "link").symlink_to(tmp_path / "secret")
    for path in ("../../secret", "link"):
        with pytest.raises(NotThere):
            Folder(tmp_path / "folder")()(f"http://127.0.0.4:8000/{path}", 100)


def test_a_server_that_redirects_is_out_of_reach() -> None:
    def redirect(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("location", "/elsewhere")
        request.end_headers()

    with _server(redirect) as url, pytest.raises(OutOfReach, match="302"):
        _fetch(url)


def test_a_server_that_serves_without_end_is_cut_off() -> None:
    def endless(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(10_000):
            request.wfile.write(bytes(65_536))

    with _server(endless) as url, pytest.raises(OutOfReach, match="more than 1024 bytes"):
        _fetch(url)


def test_a_server_that_lies_about_the_length_is_out_of_reach() -> None:
    def liar(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-length", "1000")
        request.end_headers()
        request.wfile.write(b"short")

    with _server(liar) as url, pytest.raises(OutOfReach, match="RemoteProtocolError"):
        _fetch(url)


def test_a_server_that_packs_its_answer_is_out_of_reach() -> None:
    def packed(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-encoding", "gzip")
        request.end_headers()

    with _server(packed) as url, pytest.raises(OutOfReach, match="encoding"):
        _fetch(url)


@pytest.mark.attack("A41")
def test_a_server_that_trickles_is_left_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while not over.wait(0.1):
                request.wfile.write(b"x")
                request.wfile.flush()

    over = Event()
    monkeypatch.setattr(web, "REQUEST_SECONDS", 0.5)
    with _server(trickle) as url, pytest.raises(OutOfReach, match="too slowly"):
        _fetch(url)
    over.set()


def test_a_server_that_stalls_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def stall(_: http.server.BaseHTTPRequestHandler) -> None:
        over.wait(60)

    over = Event()
    monkeypatch.setattr(web, "TIMEOUT_SECONDS", 0.3)
    with _server(stall) as url, pytest.raises(OutOfReach, match="too slowly"):
        _fetch(url)
    over.set()


def test_after_the_deadline_nothing_is_read() -> None:
    with pytest.raises(OutOfReach, match="over"):
        _fetch("http://127.0.0.1:9/", seconds=-1)


def test_a_poll_is_chosen_by_its_id_where_a_folder_holds_several(
    election: Election, trust: str, tmp_path: Path
) -> None:
    files = election.record().files()
    write_folder(tmp_path, files | {f"http://127.0.0.4:8000/polls/{'0' * 64}/manifest.json": b"{}"})
    assert _run("verify", tmp_path, "--trust", trust).returncode == 64
    assert _run("verify", tmp_path, "--trust", trust, "--poll", election.poll.poll_id.hex()).returncode == 0
