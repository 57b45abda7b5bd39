"""The services of `make ha`: two processes and two workers each of issuer and ballot box, behind haproxy."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.trust import PATH as TRUST_PATH
from tests.ha.database import DEPLOY, Database
from tests.programs.installation import HOSTS, Installation
from tests.programs.processes import command, free_port

SERVERS: Final = ("issuer1", "issuer2", "box1", "box2")
UNLIMITED: Final = "1000000"
"""Requests of one address in ten seconds: all of the load comes from one."""


@dataclass
class Region(Installation):
    """An installation on the database, entered and left as any other."""

    database_nodes: Database | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in SERVERS:
            self.ports[name] = free_port(self._host(name))

    def database(self, name: str) -> str:
        return self._nodes.url(f"veche_{name}", f"veche_{name}")

    def environment(self, issuer: str = "issuer") -> dict[str, str]:
        owners = {
            f"VECHE_{name.upper()}_DATABASE_OWNER": self._nodes.url(f"veche_{name}", f"veche_{name}_owner")
            for name in ("issuer", "box")
        }
        return super().environment(issuer) | owners | {"VECHE_ISSUER_TOKEN_BITS": "2048"}

    def kill(self, name: str) -> None:
        """SIGKILL to a program and all that it started."""
        os.killpg(self.processes.pid(name), signal.SIGKILL)

    def start(self, name: str) -> None:
        """Start a program, again or for the first time."""
        self.processes.start(name, self._programs()[name], self.environment())

    @property
    def _nodes(self) -> Database:
        assert self.database_nodes is not None
        return self.database_nodes

    def _host(self, name: str) -> str:
        return HOSTS[name.rstrip("12")]

    def _start(self) -> None:
        for name in self._programs():
            self.start(name)
        servers = {name.upper(): f"{self._host(name)}:{self.ports[name]}" for name in SERVERS}
        binds = {f"{name.upper()}_BIND": f"{HOSTS[name]}:{self.ports[name]}" for name in ("issuer", "box")}
        binds["REDIRECT_BIND"] = f"{HOSTS['client']}:{free_port(HOSTS['client'])}"
        rates = {"ISSUER_RATE": UNLIMITED, "BOX_RATE": UNLIMITED, "ISSUER_TLS": "", "BOX_TLS": ""}
        argv = ["haproxy", "-f", str(DEPLOY / "haproxy" / "services.cfg")]
        self.processes.start("haproxy-services", argv, {**servers, **binds, **rates})
        for name in SERVERS:
            url = f"http://{self._host(name)}:{self.ports[name]}{TRUST_PATH}"
            self.processes.wait_until_ready(name, url)
        for name in ("issuer", "box"):
            self.processes.wait_until_ready("haproxy-services", self.url(name) + TRUST_PATH)

    def _programs(self) -> Mapping[str, list[str]]:
        def serve(name: str) -> list[str]:
            program = command(f"veche-{name.rstrip('12')}")
            return [program, "serve", "--host", self._host(name), "--port", str(self.ports[name])]

        def work(name: str) -> list[str]:
            return [command(f"veche-{name}"), "worker", "--interval", "1"]

        workers = {f"{name}-worker{n}": work(name) for name in ("issuer", "box") for n in (1, 2)}
        return {name: serve(name) for name in SERVERS} | workers
