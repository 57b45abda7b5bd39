"""Attacks on the running programs: where a request ends, how long it may take, what the client loads."""

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.trust import PATH
from shared.web.headers import SECURITY_HEADERS
from tests.programs.installation import HOSTS, REPOSITORY, Installation

pytestmark = pytest.mark.scenario

SERVICES = ("box", "issuer")
SLOW_SENDERS = 100
POST = "POST /polls/{poll}/ballots HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
AMBIGUOUS = {
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks by another name": "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello",
    "a space before the colon": "Content-Length : 5\r\n\r\nhello",
    "a negative length": "Content-Length: -5\r\n\r\nhello",
    "a length with a sign": "Content-Length: +5\r\n\r\nhello",
    "a header folded over two lines": "X: a\r\n Content-Length: 5\r\n\r\nhello",
    "a chunk of a strange size": "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
}
SMUGGLED = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nX-Smuggled: yes\r\n\r\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """An installation with one open poll, and the id of that poll."""
    now = datetime.now(UTC)
    with Installation(tmp_path_factory.mktemp("live")) as made:
        yield (
            made,
            made.publish("barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=2)),
        )


def raw(installation: Installation, service: str, request: bytes) -> bytes:
    """Everything that a service answers to these bytes, until it closes the connection."""
    with socket.create_connection((HOSTS[service], installation.ports[service]), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        with suppress(ConnectionResetError):
            while received := connection.recv(65_536):
                answer += received
        return answer


@pytest.mark.attack("A47")
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("defect", AMBIGUOUS)
def test_a_request_whose_end_is_not_clear_lets_no_other_request_through(
    town: tuple[Installation, str], service: str, defect: str
) -> None:
    installation, poll = town
    request = (POST.format(poll=poll) + AMBIGUOUS[defect] + SMUGGLED).encode()
    answer = raw(installation, service, request)
    assert answer.startswith(b"HTTP/1.1 4") or not answer, answer[:300]
    assert b"200 OK" not in answer, answer[:300]
    assert b"veche/trust/v1" not in answer


@pytest.mark.attack("A26")
@pytest.mark.parametrize("service", SERVICES)
def test_who_sends_slowly_keeps_nobody_else_waiting(town: tuple[Installation, str], service: str) -> None:
    installation, poll = town
    address = (HOSTS[service], installation.ports[service])
    head = POST.format(poll=poll).encode() + b"Content-Length: 600\r\n\r\n"
    usual = seconds_of(installation.url(service) + PATH)
    with ExitStack() as connections:
        for number in range(SLOW_SENDERS):
            slow = connections.enter_context(socket.create_connection(address, timeout=60))
            slow.sendall(head[: 20 + number % 80] if number % 2 else head + b"v")
        assert seconds_of(installation.url(service) + PATH) < 5 + 20 * usual


def seconds_of(url: str) -> float:
    """How long an answer takes."""
    started = time.monotonic()
    assert httpx.get(url, timeout=60).status_code == 200
    return time.monotonic() - started


@pytest.mark.attack("A26")
@pytest.mark.parametrize("service", SERVICES)
def test_a_packed_body_is_not_unpacked(town: tuple[Installation, str], service: str) -> None:
    installation, poll = town
    bomb = gzip.compress(bytes(10_000_000))[:16_000]
    what, kind = {
        "box": ("ballots", "application/octet-stream"), "issuer": ("token", "application/json"),
    }[service]  # fmt: skip
    answer = httpx.post(
        f"{installation.url(service)}/polls/{poll}/{what}",
        content=bomb,
        headers={"Content-Encoding": "gzip", "Content-Type": kind, "Authorization": "Bearer x"},
    )
    assert answer.status_code in (400, 401, 415, 422)


@pytest.mark.attack("A17")
@pytest.mark.attack("A50")
def test_the_client_is_the_same_bytes_for_everybody_and_loads_nothing_of_others(
    town: tuple[Installation, str],
) -> None:
    installation, poll = town
    if not (REPOSITORY / "client" / "dist" / "index.html").is_file():
        pytest.skip("the client is not built: `make test` builds it")
    here = installation.url("client")
    visitors = [
        httpx.get(here + address, headers=headers)
        for address in ("/", f"/?poll={poll}", f"/?poll={'0' * 64}&user=1", "/?issuer=0")
        for headers in ({}, {"Cookie": "who=me", "User-Agent": "Phone", "Accept-Language": "en"})
    ]
    assert {visitor.status_code for visitor in visitors} == {200}
    assert len({visitor.content for visitor in visitors}) == 1
    for visitor in visitors:
        assert "Set-Cookie" not in visitor.headers
        policy = visitor.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        for name, value in SECURITY_HEADERS.items():
            assert visitor.headers[name] == value


@pytest.mark.attack("A50")
def test_no_file_of_the_built_client_names_an_address_of_others() -> None:
    site = REPOSITORY / "client" / "dist"
    if not site.is_dir():
        pytest.skip("the client is not built: `make test` builds it")
    foreign = {
        f"{path.name}: {url}"
        for path in site.rglob("*")
        if path.is_file() and path.suffix in (".html", ".js", ".css", ".svg", ".json", ".webmanifest")
        for url in addresses_in(path)
    }
    assert foreign == set()


NAMES_OF_NAMESPACES = ("http://www.w3.org/",)
"""Names, which a browser never opens."""


def addresses_in(path: Path) -> Iterator[str]:
    """Absolute addresses that a browser could load from, outside of names and of links for people."""
    text = path.read_text("utf-8")
    for scheme in ("http://", "https://", "//cdn", "wss://"):
        for part in text.split(scheme)[1:]:
            url = scheme + part[:60].partition('"')[0].partition("'")[0].partition("`")[0]
            if not url.startswith(NAMES_OF_NAMESPACES):
                yield url


@pytest.mark.attack("A3")
@pytest.mark.attack("A50")
def test_the_client_draws_randomness_from_the_system_alone_and_runs_no_text_as_program() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "client" / "src").rglob("*.ts*"))
    assert "crypto.getRandomValues" in sources
    for word in ("Math.random", "eval(", "new Function", "innerHTML", "document.write", "console.log"):
        assert word not in sources, word
