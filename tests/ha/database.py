"""The database of `make ha`: three nodes of PostgreSQL under patroni, three of etcd, haproxy before them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.packages import can_install, install
from tests.postgresql import USER, binaries
from tests.programs.processes import Processes, free_port

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
PATRONI: Final = Path(__file__).parents[2] / "build" / "patroni"
HOST: Final = "127.0.0.1"
NAMES: Final = ("db1", "db2", "db3")
PASSWORD: Final = "TEST-KEY-never-for-use"
ROLES: Final = ("veche_issuer_owner", "veche_issuer", "veche_box_owner", "veche_box")
PROGRAMS: Final = {"etcd": "etcd-server", "haproxy": "haproxy", "setpriv": "util-linux"}


def install_programs() -> list[str]:
    """Install what is not there and can be; what is still missing."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    missing += [] if binaries() else ["postgresql"]
    if missing and can_install():
        install(*missing)
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    return lacking + ([] if binaries() else ["postgresql"])


def python() -> str:
    """A Python of this version that the user of PostgreSQL may run: root's home is closed to others."""
    own, minor = Path(sys.executable).resolve(), f"python{sys.version_info.major}.{sys.version_info.minor}"
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in own.parents):
        return str(own)
    found = shutil.which(minor, path="/usr/local/bin:/usr/bin")
    assert found is not None, f"make ha as root needs a {minor} outside root's home"
    return found


@dataclass
class Database:
    """The nodes, by name; each can be killed, frozen and started again."""

    folder: Path
    processes: Processes
    ports: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start everything and wait for a leader; then make roles and databases."""
        names = [f"{kind}{n}" for kind in ("peer", "etcd", "db", "api") for n in (1, 2, 3)]
        self.ports = {name: free_port(HOST) for name in (*names, "primary")}
        self.folder.chmod(0o755)
        shutil.copytree(PATRONI, self.folder / "patroni")
        self._start_etcd()
        for name in NAMES:
            self.start_node(name)
        servers = {name.upper(): self._address(name) for name in NAMES}
        checks = {f"{name.upper()}_API": str(self.ports[f"api{name[2:]}"]) for name in NAMES}
        hosts = {f"{name.upper()}_HOST": HOST for name in NAMES}
        bind = {"DATABASE_BIND": self._address("primary")}
        argv = ["haproxy", "-f", str(DEPLOY / "haproxy" / "database.cfg")]
        self.processes.start("haproxy-database", argv, {**bind, **servers, **checks, **hosts})
        self.wait_for_leader()
        self.wait_until_whole()
        self._psql("--file", str(DEPLOY / "postgresql" / "roles.sql"))
        for role in ROLES:
            self._psql("--command", f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")

    def url(self, database: str, role: str) -> str:
        """The URL of a database, through haproxy."""
        return f"postgresql+psycopg://{role}:{PASSWORD}@{self._address('primary')}/{database}"

    def start_node(self, name: str) -> None:
        """Start a node's patroni, which starts its PostgreSQL."""
        home = self.folder / name
        if not home.exists():
            home.mkdir()
            if os.geteuid() == 0:
                shutil.chown(home, USER, USER)
        user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        argv = [python(), str(self.folder / "patroni" / "bin" / "patroni"), str(self._config())]
        argv = [*user, *argv] if os.geteuid() == 0 else argv
        self.processes.start(name, argv, self._node(name, home), folder=home)

    def wait_for_leader(self, *, other_than: str = "") -> str:
        """Wait until a node leads that is not this one; its name."""
        deadline = time.monotonic() + 90
        while True:
            names = [name for name in NAMES if name != other_than and self._says(name, "primary")]
            if names:
                return names[0]
            assert time.monotonic() < deadline, "no leader"
            time.sleep(0.1)

    def wait_until_whole(self) -> None:
        """Wait until all nodes that do not lead follow, and one of them at least is asked at each commit."""
        deadline = time.monotonic() + 120
        while sum(self._says(name, "replica?lag=16MB") for name in NAMES) < len(NAMES) - 1 or not any(
            self._says(name, "quorum") for name in NAMES
        ):
            assert time.monotonic() < deadline, "no quorum"
            time.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL to all nodes: what they hold is wanted no more."""
        for name in NAMES:
            with suppress(FileNotFoundError, KeyError):
                self.signal(name, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Signal a node's patroni and all of its PostgreSQL: the machine is lost, frozen, or goes on."""
        postmaster = int((self.folder / name / "data" / "postmaster.pid").read_text().split()[0])
        for pid in (self.processes.pid(name), postmaster, *_children(postmaster)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def _says(self, name: str, question: str) -> bool:
        try:
            return (
                httpx.get(f"http://{self._address('api' + name[2:])}/{question}", timeout=1).status_code
                == 200
            )
        except httpx.TransportError:
            return False

    def _address(self, name: str) -> str:
        return f"{HOST}:{self.ports[name]}"

    def _start_etcd(self) -> None:
        cluster = ",".join(f"etcd{n}=http://{self._address(f'peer{n}')}" for n in (1, 2, 3))
        for n in (1, 2, 3):
            client, peer = f"http://{self._address(f'etcd{n}')}", f"http://{self._address(f'peer{n}')}"
            argv = [
                "etcd",
                "--name",
                f"etcd{n}",
                "--data-dir",
                str(self.folder / f"etcd{n}"),
                "--logger",
                "zap",
            ]
            argv += ["--listen-client-urls", client, "--advertise-client-urls", client]
            argv += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
            argv += [
                "--initial-cluster",
                cluster,
                "--heartbeat-interval",
                "300",
                "--election-timeout",
                "3000",
            ]
            self.processes.start(f"etcd{n}", argv, {})

    def _node(self, name: str, home: Path) -> Mapping[str, str]:
        found = binaries()
        assert found is not None
        number = name[2:]
        return {
            "PYTHONPATH": str(self.folder / "patroni"),
            "HOME": str(home),
            "PATRONI_NAME": name,
            "PATRONI_ETCD3_HOSTS": ",".join(f"'{self._address(f'etcd{n}')}'" for n in (1, 2, 3)),
            "PATRONI_RESTAPI_LISTEN": self._address(f"api{number}"),
            "PATRONI_RESTAPI_CONNECT_ADDRESS": self._address(f"api{number}"),
            "PATRONI_POSTGRESQL_LISTEN": self._address(name),
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": self._address(name),
            "PATRONI_POSTGRESQL_DATA_DIR": str(home / "data"),
            "PATRONI_POSTGRESQL_BIN_DIR": str(found),
            "PATRONI_POSTGRESQL_PGPASS": str(home / "pgpass"),
            "PATRONI_SUPERUSER_USERNAME": USER,
            "PATRONI_SUPERUSER_PASSWORD": PASSWORD,
            "PATRONI_REPLICATION_USERNAME": "replicator",
            "PATRONI_REPLICATION_PASSWORD": PASSWORD,
        }

    def _config(self) -> Path:
        """The configuration of deploy/, with its sockets under the folder."""
        sockets, config = self.folder / "sockets", self.folder / "patroni.yml"
        if not config.exists():
            sockets.mkdir()
            if os.geteuid() == 0:
                shutil.chown(sockets, USER, USER)
            text = (DEPLOY / "patroni" / "patroni.yml").read_text("utf-8")
            config.write_text(text.replace("/var/run/postgresql", str(sockets)), "utf-8")
        return config

    def _psql(self, *arguments: str) -> None:
        found = binaries()
        assert found is not None
        target = f"postgresql://{USER}:{PASSWORD}@{self._address('primary')}/postgres"
        argv = [str(found / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", target, *arguments]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


def _children(parent: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found
