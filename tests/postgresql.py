"""A private PostgreSQL server for tests, from the system's binaries. Run as a program, it installs them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import psycopg

from tests.packages import can_install, install

USER: Final = "postgres"
START_SECONDS: Final = 180.0
ADVICE: Final = """\
No PostgreSQL found: the tests on it will be skipped.
Install it (Debian: apt-get install postgresql), or set POSTGRESQL_BIN to the folder of initdb."""
_PREFIX: Final = "veche-pg-"
_FAST: Final = ("shared_buffers=32MB", "max_wal_size=256MB", "max_connections=200", "jit=off")


def binaries() -> Path | None:
    """The folder of initdb and postgres: POSTGRESQL_BIN, on the search path, or Debian's newest."""
    named = os.environ.get("POSTGRESQL_BIN")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("postgres")
    found = [Path(named)] if named else [*debian[-1:], *([Path(on_path).parent] if on_path else [])]
    return next((path for path in found if (path / "initdb").exists()), None)


def remove_abandoned(place: Path) -> None:
    """Delete the folders of servers that a killed test process left here, once both are gone."""
    for folder in place.glob(f"{_PREFIX}*-*"):
        owner = int(folder.name.removeprefix(_PREFIX).partition("-")[0])
        if not _lives(owner) and not _lives(_server(folder)):
            shutil.rmtree(folder, ignore_errors=True)


def _server(folder: Path) -> int | None:
    with suppress(FileNotFoundError):
        return int((folder / "data" / "postmaster.pid").read_text().split("\n")[0])
    return None


def _lives(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        with suppress(PermissionError):
            os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Cluster:
    """A running server under a folder of its own, reached by a socket in that folder.

    `options`: more settings, `name=value`. `place`: where its folder is made, by default in memory if there
    is room. As root it runs as the user of Debian's package.
    """

    bin: Path
    options: Sequence[str] = ()
    place: Path | None = None

    def __post_init__(self) -> None:
        memory = Path("/dev/shm")  # noqa: S108 - fsync stays on, and costs nothing there
        if self.place is None and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30:
            self.place = memory
        remove_abandoned(self.place or Path(tempfile.gettempdir()))
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=self.place))
        self.data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
        arguments = ["-D", str(self.data), "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C"]
        self.run([str(self.bin / "initdb"), *arguments, "--no-sync"])
        self.start()

    def start(self) -> None:
        """Start the server and wait until it takes writes: a restore is played to its end first."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", *_FAST, *self.options]
        pairs = [argument for setting in settings for argument in ("-c", setting)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, str(self.bin / "postgres"), "-D", str(self.data), *pairs],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait()

    def stop(self, *, immediately: bool = False) -> None:
        """Stop the server, as by a loss of power if told so."""
        mode = "immediate" if immediately else "fast"
        self.run([str(self.bin / "pg_ctl"), "-D", str(self.data), "stop", "-m", mode])
        self._process.wait(START_SECONDS)

    def remove(self) -> None:
        """Stop the server and delete all it kept."""
        self.stop(immediately=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, role: str = USER) -> str:
        """The URL of a database, as the services are given it."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = USER) -> list[tuple[object, ...]]:
        """Run statements as the superuser, each by itself; the rows of the last."""
        target = f"host={self.folder} user={USER} dbname={database}"
        with psycopg.connect(target, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    def command(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs to its end, against this server."""
        self.run([str(self.bin / program), "-h", str(self.folder), "-U", USER, *arguments])

    @cached_property
    def _prefix(self) -> list[str]:
        if os.geteuid() != 0:
            return ["setpriv", "--pdeathsig=QUIT"] if shutil.which("setpriv") else []
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--pdeathsig=QUIT"]

    def archive(self) -> None:
        """Have the write-ahead log archived up to here."""
        (segment,) = self.execute("SELECT pg_walfile_name(pg_switch_wal())")[0]
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / "wal" / str(segment)).exists():
            assert time.monotonic() < deadline, "the log is not archived"
            time.sleep(0.05)

    def run(self, argv: Sequence[str]) -> None:
        """Run a command to its end as the user of the server."""
        done = subprocess.run(
            [*self._prefix, *argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert self._process.poll() is None, (self.folder / "server.log").read_text(errors="replace")
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return self.execute("SELECT pg_is_in_recovery()") == [(False,)]
        except psycopg.OperationalError:
            return False


def main() -> None:
    """Find or install; when neither is possible, say how, and let the tests be skipped."""
    if binaries() is None and can_install():
        install("postgresql")
    if binaries() is None:
        print(ADVICE, file=sys.stderr)


if __name__ == "__main__":
    main()
