"""A server that turns hostile at one path: the audit is bounded in time and memory, never a traceback."""

import http.server
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event

import pytest
from click.testing import CliRunner

from auditor.cli import cli
from tests.auditor.site import Site, Trap, running_site
from tests.programs.processes import command

AUDIT = command("veche-audit")
SECONDS = 1
"""How long an audit may read from who stalls."""
LONG = 120
"""How long it would read from who does not, if nothing bounded it, or the stall itself lasted."""

OVER = Event()
Request = http.server.BaseHTTPRequestHandler


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    with running_site(folder / "site") as running:
        running.election.close()
        running.show(running.election)
        assert running.election.trust is not None
        (folder / "trust.json").write_bytes(running.election.trust.to_bytes())
        yield running


@pytest.fixture
def site(honest: Site) -> Site:
    honest.traps.clear()
    return honest


@pytest.fixture(autouse=True)
def over() -> Iterator[None]:
    """After the test nobody stalls any longer."""
    OVER.clear()
    yield
    OVER.set()


def _argv(site: Site, seconds: int = LONG) -> list[str]:
    trust = str(site.folder.parent / "trust.json")
    return ["verify", site.poll_url, "--trust", trust, "--time-limit", str(seconds)]


def _stall(_: Request) -> None:
    OVER.wait(LONG)


def _trickle(request: Request) -> None:
    """Headers without end, a byte at a time."""
    with suppress(OSError):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
        while not OVER.wait(SECONDS / 10):
            request.wfile.write(b"y")


def _redirect(request: Request) -> None:
    request.send_response(301)
    request.send_header("location", "http://127.0.0.1:9/")
    request.end_headers()


def _promise_more(request: Request) -> None:
    request.send_response(200)
    request.send_header("content-length", str(10**15))
    request.end_headers()
    request.wfile.write(b"short")


def _pour(request: Request) -> None:
    """Bytes without end, a gigabyte of them."""
    request.send_response(200)
    request.end_headers()
    with suppress(OSError):
        for _ in range(1000):
            request.wfile.write(bytes(2**20))


def _pack(request: Request) -> None:
    request.send_response(200)
    request.send_header("content-encoding", "gzip")
    request.end_headers()


def _babble(request: Request) -> None:
    request.wfile.write(b"\xff\x00no HTTP at all\r\n\r\n")


def _hang_up(request: Request) -> None:
    request.connection.close()


STALLING = (_stall, _trickle)
"""What only the time limit ends."""
TRAPS: dict[str, tuple[str, Trap]] = {
    "a manifest that never comes": ("manifest.json", _stall),
    "entries whose headers trickle": ("entries/000.p/6", _trickle),
    "a checkpoint that is elsewhere": ("checkpoint", _redirect),
    "a tile of a petabyte, as it says": ("tile/0/000.p/6", _promise_more),
    "a result of a gigabyte": ("result.json", _pour),
    "entries of a gigabyte": ("entries/000.p/6", _pour),
    "a manifest packed unasked": ("manifest.json", _pack),
    "signatures that are no HTTP": ("signatures.json", _babble),
    "a result's signature that is elsewhere": ("result.signature", _redirect),
    "a proof before which it hangs up": ("catalogue.tlog-proof", _hang_up),
}


@pytest.mark.parametrize("name", TRAPS)
def test_the_verdict_is_inconclusive_in_time(site: Site, name: str) -> None:
    end, trap = TRAPS[name]
    site.traps[end] = trap
    start = time.monotonic()
    done = CliRunner().invoke(cli, _argv(site, SECONDS if trap in STALLING else LONG))
    assert time.monotonic() - start < LONG / 2
    assert isinstance(done.exception, SystemExit), done.output
    assert done.exit_code == 2, done.output
    assert done.output.splitlines()[-1].startswith("verdict: inconclusive")


def test_the_same_poll_without_a_trap_is_verified(site: Site) -> None:
    assert CliRunner().invoke(cli, _argv(site)).exit_code == 0


def test_a_gigabyte_is_not_taken_into_memory(site: Site) -> None:
    for end in ("checkpoint", "result.json", "entries/000.p/6"):
        site.traps[end] = _pour
    # In a process of its own, for the largest child of this one may be a browser.
    measure = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=-3).returncode;"
    measure += "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    argv = [sys.executable, "-c", measure, AUDIT, *_argv(site)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    code, kilobytes = map(int, done.stdout.split())
    assert code == 2
    assert kilobytes < 300_000
