"""Start and stop the programs of an installation, each by its own process id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from shared.trust import PATH as TRUST_PATH

START_SECONDS = 180.0
"""A bound for what hangs: three workers may start four issuers each on two slow cores."""
STOP_SECONDS = 15.0

_held: list[socket.socket] = []


class NotStarted(Exception):
    """A program ended early or did not answer in time; its log is named."""


def free_port(host: str) -> int:
    """A TCP port of this loopback address that the system gives nobody else while this process lives.

    It stays bound and does not listen: a server binds it, too, for both set SO_REUSEADDR (Linux, socket(7)).
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((host, 0))
    _held.append(held)
    port: int = held.getsockname()[1]
    return port


def command(name: str) -> str:
    """The path of a console script of this Python environment."""
    return str(Path(sys.executable).parent / name)


class Processes:
    """The running programs, stopped in reverse order."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        """Start a program, in a folder if given, with its output in `<logs>/<name>.log`."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                cwd=folder,
                start_new_session=True,
            )

    def serve(self, program: str, host: str, environment: Mapping[str, str], name: str) -> str:
        """Start `veche-issuer serve` or `veche-box serve` on a free port; its URL, once it answers."""
        port = free_port(host)
        self.start(name, [command(program), "serve", "--host", host, "--port", str(port)], environment)
        url = f"http://{host}:{port}"
        self.wait_until_ready(name, url + TRUST_PATH)
        return url

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id of a running program."""
        return self._running[name].pid

    def wait_until_ready(self, name: str, url: str) -> None:
        """Wait until the program answers 200 at a URL. Raises NotStarted."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._running[name].poll() is not None:
                break
            try:
                if httpx.get(url, timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise NotStarted(f"{name} does not answer at {url}; see {self.log(name)}")

    def check_alive(self) -> None:
        """Raise NotStarted when a program has ended by itself."""
        ended = [name for name, process in self._running.items() if process.poll() is not None]
        if ended:
            raise NotStarted(f"ended by itself: {', '.join(ended)}; see {self._logs}")

    def stop(self, name: str) -> None:
        """End one program: SIGTERM, then SIGKILL if it does not listen."""
        self._running[name].terminate()
        self._wait_for(name)

    def stop_all(self) -> None:
        """End every program, the last started first."""
        for process in reversed(self._running.values()):
            process.terminate()
        for name in reversed(list(self._running)):
            self._wait_for(name)

    def _wait_for(self, name: str) -> None:
        process = self._running.pop(name)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
