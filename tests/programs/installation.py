"""A whole installation on loopback: ESIA stand, issuer, ballot box, client, each on a host of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import yaml

from shared.encoding import canonical_json, format_time
from shared.trust import PATH as TRUST_PATH
from tests.databases import database_url
from tests.programs.processes import Processes, command, free_port

HOSTS = {"stand": "127.0.0.2", "issuer": "127.0.0.3", "box": "127.0.0.4", "client": "127.0.0.5"}
HOSTS |= {f"issuer-{number}": f"127.0.0.{5 + number}" for number in range(1, 16)}
"""Of the programs; issuers after the first are issuer-1, issuer-2, ..."""
POLLS = Path(__file__).parent / "polls"
REPOSITORY = Path(__file__).parents[2]
ESIA_CLIENT_ID = "VECHE22"
USUAL_SECONDS = 12.0
"""For each issuer, to set up and start everything, on two cores that do other things besides."""
NAMES = ("Регистратор Алтайского края", "Регистратор Барнаула", "Регистратор Бийска", "Регистратор Рубцовска")


@dataclass
class Installation:
    """Files under `folder`, programs on loopback. Enter it to set up and start, leave it to stop."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    """More settings for every program, by environment name."""
    ports: dict[str, int] = field(default_factory=dict)
    """Ports by name of HOSTS; a free one where none is given."""
    issuers: int = 1
    """How many issuers there are, each an installation of its own."""
    crowd: int = 0
    """How many residents the stand has beside those it lists."""
    algorithm: str = "RS256"
    """What the stand signs its tokens with."""
    _took: float = field(default=0.0, init=False, repr=False)
    """How many seconds it took to set up, for each issuer."""

    def __post_init__(self) -> None:
        for name in ("stand", "box", "client", *self.issuer_names):
            self.ports.setdefault(name, free_port(HOSTS[name]))
        self.processes = Processes(self.folder / "logs")

    @property
    def issuer_names(self) -> tuple[str, ...]:
        """The issuers by name of HOSTS."""
        return ("issuer", *(f"issuer-{number}" for number in range(1, self.issuers)))

    def url(self, name: str) -> str:
        """The origin of a program of HOSTS."""
        return f"http://{HOSTS[name]}:{self.ports[name]}"

    @property
    def trust_file(self) -> Path:
        """The trust root of this installation."""
        return self.folder / "trust.json"

    def soon(self, seconds: float) -> datetime:
        """So many seconds from now; later where the machine was busy, or is slow, when this was set up."""
        return datetime.now(UTC) + timedelta(seconds=seconds * max(1.0, self._took / USUAL_SECONDS))

    def __enter__(self) -> Self:
        begun = time.monotonic()
        try:
            self._set_up()
            self._start()
        except BaseException:
            self.processes.stop_all()
            raise
        self._took = (time.monotonic() - begun) / self.issuers
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.stop_all()

    def database(self, name: str) -> str:
        """The URL of a service's database."""
        return database_url(self.folder / f"{name}.sqlite")

    def environment(self, issuer: str = "issuer") -> dict[str, str]:
        """The settings of every program, as one of the issuers has them."""
        esia, number = self.folder / "stand", self.issuer_names.index(issuer)
        return {
            "VECHE_ISSUER_URL": self.url(issuer),
            "VECHE_ISSUER_NAME": NAMES[number] if number < len(NAMES) else f"Регистратор {number + 1}",
            "VECHE_ISSUER_DATABASE": self.database(issuer),
            "VECHE_ISSUER_STATE": str(self.folder / issuer),
            "VECHE_ISSUER_KEK_FILE": str(self.folder / f"{issuer}.kek"),
            "VECHE_ISSUER_KEY_BACKUP": str(self.folder / f"{issuer}-mirror"),
            "VECHE_ISSUER_CLIENT": self.url("client"),
            "VECHE_ISSUER_BOX": self.url("box"),
            "VECHE_ISSUER_TRUST": str(self.trust_file),
            "VECHE_ISSUER_ESIA_URL": self.url("stand"),
            "VECHE_ISSUER_ESIA_CLIENT_ID": f"{ESIA_CLIENT_ID}{number or ''}",
            "VECHE_ISSUER_ESIA_KEY": str(esia / f"{issuer}.key.pem"),
            "VECHE_ISSUER_ESIA_CERTIFICATE": str(esia / f"{issuer}.cert.der"),
            "VECHE_ISSUER_ESIA_VERIFICATION": f"{esia / 'esia.rsa.cert.der'},{esia / 'esia.gost.cert.der'}",
            "VECHE_ISSUER_RESIDENCY": str(self.folder / "residency.sqlite"),
            "VECHE_ISSUER_BATCH_FLOOR": "1",
            "VECHE_ISSUER_BATCH_LONGEST_WAIT": "2",
            "VECHE_ISSUER_INCLUDE_BY_SECONDS": "15",
            "VECHE_BOX_URL": self.url("box"),
            "VECHE_BOX_DATABASE": self.database("box"),
            "VECHE_BOX_STATE": str(self.folder / "box"),
            "VECHE_BOX_CLIENT": self.url("client"),
            "VECHE_BOX_TRUST": str(self.trust_file),
            "VECHE_CLIENT_SITE": str(REPOSITORY / "client" / "dist"),
            "VECHE_CLIENT_TRUST": str(self.trust_file),
            **self.settings,
        }

    def full_environment(self, issuer: str = "issuer") -> dict[str, str]:
        """The same within the environment of this process."""
        return {**os.environ, **self.environment(issuer)}

    def run(self, *argv: str, issuer: str = "issuer") -> str:
        """Run a console script of ours to its end; its standard output. Raises CalledProcessError."""
        done = self.attempt(*argv, issuer=issuer)
        done.check_returncode()
        return done.stdout

    def attempt(self, *argv: str, issuer: str = "issuer") -> subprocess.CompletedProcess[str]:
        """The same, whatever it comes to."""
        done = subprocess.run(
            [command(argv[0]), *argv[1:]],
            env=self.full_environment(issuer),
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        sys.stderr.write(done.stderr)
        self.keep_output(done)
        return done

    def keep_output(self, done: subprocess.CompletedProcess[str]) -> None:
        """Keep what a command printed with the logs of the programs."""
        with self.processes.log("commands").open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)

    def start_metrics(self, program: str) -> str:
        """Start the metrics of `veche-issuer` or `veche-box`; where they are shown."""
        name, host = f"{program}-metrics", "127.0.0.1"
        port = str(free_port(host))
        self.processes.start(name, [command(program), "metrics", "--port", port], self.environment())
        url = f"http://{host}:{port}/metrics"
        self.processes.wait_until_ready(name, url)
        return url

    def publish(self, name: str, *, opens_at: datetime, closes_at: datetime, **changes: Any) -> str:
        """Publish a poll of `polls/<name>.yaml` with these times; its id in hex."""
        return self.publish_draft(self.write_draft(name, opens_at=opens_at, closes_at=closes_at, **changes))

    def write_draft(self, name: str, *, opens_at: datetime, closes_at: datetime, **changes: Any) -> Path:
        """The draft file of such a poll."""
        return write_draft(self.folder, name, opens_at=opens_at, closes_at=closes_at, **changes)

    def publish_together(self, draft: Path, *, threshold: int, faulty: int) -> str:
        """Publish a draft file with all issuers: propose, contribute, sign, deliver; the poll's id in hex."""
        first, *others = self.issuer_names
        proposal = str(draft.with_suffix(".proposal.json"))
        urls = [argument for name in self.issuer_names for argument in ("--issuer", self.url(name))]
        numbers = ("--threshold", str(threshold), "--faulty", str(faulty))
        self.run("veche-issuer", "poll", "propose", str(draft), proposal, *urls, *numbers)
        for name in others:
            self.run("veche-issuer", "poll", "contribute-key", proposal, issuer=name)
        for name in self.issuer_names:
            self.run("veche-issuer", "poll", "sign", proposal, issuer=name)
        return self.run("veche-issuer", "poll", "deliver", proposal, issuer=first).split()[0]

    def release_client(self) -> None:
        """Enter the built client in the catalogue: signed by every issuer, delivered by the first."""
        release = str(self.folder / "client-release.json")
        site = self.environment()["VECHE_CLIENT_SITE"]
        for name in self.issuer_names:
            self.run("veche-issuer", "client", "sign", site, release, "--version", "demo", issuer=name)
        self.run("veche-issuer", "client", "deliver", release)

    def publish_draft(self, path: Path) -> str:
        """Publish a draft file; the poll's id in hex, which stands first on the command's output."""
        return self.run("veche-issuer", "poll", "publish", str(path)).split()[0]

    def _set_up(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(self.issuer_names):
            client = (
                "--client-id",
                f"{ESIA_CLIENT_ID}{number or ''}",
                "--redirect",
                f"http://{HOSTS[name]}/",
            )
            stand = str(self.folder / "stand")
            self.run_module("issuer.esia_stand.register", stand, *client, "--name", name)
            (self.folder / f"{name}-mirror").mkdir(exist_ok=True)
            self.run("veche-issuer", "init", "--make-kek", issuer=name)
        self.run("veche-box", "init")
        addresses = REPOSITORY / "issuer" / "esia_stand" / "addresses.csv"
        self.run("veche-issuer", "residency", "build", str(addresses), str(self.folder / "residency.sqlite"))
        self.trust_file.write_bytes(
            canonical_json(
                {
                    "ballot_box": json.loads(self.run("veche-box", "trust-entry")),
                    "client": self.url("client"),
                    "format": "veche/trust/v1",
                    "issuers": [
                        json.loads(self.run("veche-issuer", "trust-entry", issuer=name))
                        for name in self.issuer_names
                    ],
                }
            )
        )

    def run_module(self, module: str, *argv: str) -> None:
        """Run `python -m module` to its end."""
        subprocess.run(
            [command("python"), "-m", module, *argv],
            env=self.full_environment(),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def restart(self, issuer: str) -> None:
        """Start an issuer again that was stopped."""
        self.processes.start(issuer, self._programs()[issuer], self.environment(issuer))
        self.processes.wait_until_ready(issuer, self.url(issuer) + TRUST_PATH)

    def _start(self) -> None:
        for name, argv in self._programs().items():
            issuer = name.removesuffix("-worker")
            settings = self.environment(issuer) if issuer in self.issuer_names else self.environment()
            self.processes.start(name, argv, settings)
        paths = {"stand": "/", "box": TRUST_PATH, "client": "/trust.json"}
        for name, path in (paths | dict.fromkeys(self.issuer_names, TRUST_PATH)).items():
            self.processes.wait_until_ready(name, self.url(name) + path)
        self.processes.check_alive()

    def _programs(self) -> Mapping[str, list[str]]:
        def address(name: str) -> list[str]:
            return ["--host", HOSTS[name], "--port", str(self.ports[name])]

        stand = (
            "--state",
            str(self.folder / "stand"),
            "--crowd",
            str(self.crowd),
            "--algorithm",
            self.algorithm,
        )
        return {
            "stand": [command("python"), "-m", "issuer.esia_stand", *address("stand"), *stand],
            **{name: [command("veche-issuer"), "serve", *address(name)] for name in self.issuer_names},
            **{
                f"{name}-worker": [command("veche-issuer"), "worker", "--interval", "0.5"]
                for name in self.issuer_names
            },
            "box": [command("veche-box"), "serve", *address("box")],
            "box-worker": [command("veche-box"), "worker", "--interval", "0.5"],
            "client": [
                command("granian"), "--interface", "wsgi", "--factory", *address("client"), "--no-access-log",
                "tests.programs.client_host:app",
            ],
        }  # fmt: skip


def write_draft(folder: Path, name: str, *, opens_at: datetime, closes_at: datetime, **changes: Any) -> Path:
    """The draft of a poll of `polls/<name>.yaml` with these times, as a file in a folder."""
    draft = {
        **yaml.safe_load((POLLS / f"{name}.yaml").read_text("utf-8")),
        "issuance_opens_at": format_time(opens_at),
        "opens_at": format_time(opens_at),
        "closes_at": format_time(closes_at),
        "include_by_seconds": int(timedelta(minutes=10).total_seconds()),
        "batch": {"floor": 1, "longest_wait": 2},
        **changes,
    }
    path = folder / f"{name}-{format_time(opens_at).replace(':', '')}.yaml"
    path.write_text(yaml.safe_dump(draft, allow_unicode=True), "utf-8")
    return path
