"""A service behind granian on core 0, and what its process uses."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.programs.processes import free_port


@dataclass(frozen=True, slots=True)
class Server:
    """A port, and the id of the process that answers there."""

    port: int
    pid: int

    @property
    def seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def served(
    host: str, target: str, interface: str, environment: Mapping[str, str], *, threads: int = 16
) -> Iterator[Server]:
    """The application of a factory, until the block ends."""
    port = free_port(host)
    options = ["--interface", interface, "--host", host, "--port", str(port), "--log-level", "error"]
    pool = ["--blocking-threads", str(threads)] if interface == "wsgi" else []
    granian = str(Path(sys.executable).with_name("granian"))
    argv = ["taskset", "-c", "0", granian, "--factory", target, *options, *pool]
    with subprocess.Popen(argv, env={**os.environ, **environment}) as process:
        try:
            until_ready(f"http://{host}:{port}/health/live")
            yield Server(port, _child(process.pid))
        finally:
            process.terminate()


def _child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def until_ready(url: str) -> None:
    """Wait until something answers at a URL."""
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(url)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return
