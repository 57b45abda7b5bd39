"""Cold start: seconds from exec to the first 200 of /health/live, and of `veche-audit --help`.

Of three starts the quickest: files are in the page cache, as they are when a service is restarted.
"""

import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from bench.record import VAR
from bench.rows import Row, report
from tests.programs.installation import HOSTS, Installation
from tests.programs.processes import START_SECONDS, command

ROUNDS: Final = 3


def rows() -> list[Row]:
    """Both services and the auditor."""
    with tempfile.TemporaryDirectory(dir=VAR) as folder, Installation(Path(folder)) as installation:
        seconds = {
            f"veche-{name}": min(_service(installation, name) for _ in range(ROUNDS))
            for name in ("issuer", "box")
        }
    seconds["veche-audit --help"] = min(_help() for _ in range(ROUNDS))
    return [Row(f"cold start, {name}", spent, "s") for name, spent in seconds.items()]


def _service(installation: Installation, name: str) -> float:
    """Stop a service, and start it again. Raises TimeoutError."""
    installation.processes.stop(name)
    address = ["--host", HOSTS[name], "--port", str(installation.ports[name])]
    argv = [command(f"veche-{name}"), "serve", *address]
    with httpx.Client() as http:
        start = time.monotonic()
        installation.processes.start(name, argv, installation.environment())
        while time.monotonic() - start < START_SECONDS:
            with suppress(httpx.TransportError):
                if http.get(f"{installation.url(name)}/health/live").status_code == httpx.codes.OK:
                    return time.monotonic() - start
            time.sleep(0.01)
    raise TimeoutError(f"veche-{name} does not answer")


def _help() -> float:
    start = time.monotonic()
    subprocess.run([command("veche-audit"), "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


if __name__ == "__main__":
    report(rows())
