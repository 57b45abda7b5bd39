"""docs/operations.md and its Russian sister: their commands, as they stand, make an installation with TLS."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from issuer.esia_stand.register import register
from shared.tls import machine_trust
from shared.trust import parse_trust
from tests.programs import proxies
from tests.programs.installation import REPOSITORY, write_draft
from tests.programs.journey import choose
from tests.programs.processes import command, free_port
from tests.programs.resident import Resident

DOCS = REPOSITORY / "docs"
UNITS = REPOSITORY / "deploy" / "systemd"
LOOPBACK = "127.0.0.1"
SITE = REPOSITORY / "client" / "dist" / "index.html"

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.sqlite,
    pytest.mark.skipif(
        proxies.find("nginx") is None, reason="no nginx: see `python -m tests.programs.proxies`"
    ),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl"),
    pytest.mark.skipif(not SITE.is_file(), reason="the client is not built: `make test` builds it"),
]


def _script(name: str, kind: str) -> str:
    block = re.search(rf"```{kind}\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    assert block is not None
    return block.group(1)


@dataclass(frozen=True)
class Machine:
    """A folder in the place of a machine. `names`: what is set before the commands."""

    folder: Path
    names: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """Of every command; `PATH` is that of a fresh login."""
        return {**self.names, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def run(self, kind: str) -> subprocess.CompletedProcess[str]:
        """A block of the page, to its end, with the settings that the first one wrote."""
        return subprocess.run(
            ["bash", "-e", "-c", self._with_settings(kind)],
            cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        """The block that starts everything; its processes are one group."""
        script = self._with_settings("sh start")
        for port, name in (("8002", "ISSUER_BEHIND"), ("8001", "BOX_BEHIND")):
            script = script.replace(f"--port {port}", f"--port {self.names[name]}")
        log = (self.folder / "log").open("wb")
        return subprocess.Popen(
            ["bash", "-e", "-c", f"{script}\nwait"], cwd=self.folder, env=self.environment(),
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def _with_settings(self, kind: str) -> str:
        if kind == "sh":
            return _script("operations.md", kind)
        read = 'set -a; . "$ETC/issuer.env"; . "$ETC/box.env"; set +a; export PATH="$SOURCE/.venv/bin:$PATH"'
        return f"{read}\n{_script('operations.md', kind)}"


def _certificate(folder: Path) -> None:
    """A CA of this test, and its certificate for the name `localhost`."""
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    for command_line in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 60 -subj /CN=test",
        "req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=localhost",
        "x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 60 -extfile names -out tls.pem",
    ):
        argv = ["openssl", *command_line.split()]
        subprocess.run(argv, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """An empty folder, a certificate, and what ESIA gives: here the stand's registration."""
    with tempfile.TemporaryDirectory(prefix="veche-machine-") as name:
        Path(name).chmod(0o711)  # nginx serves the site as another user
        yield _set_up(Path(name))


def _set_up(folder: Path) -> Machine:
    _certificate(folder)
    ports = {name: str(free_port(LOOPBACK)) for name in ("ISSUER", "BOX", "CLIENT", "REDIRECT", "STAND")}
    issuer = f"https://localhost:{ports['ISSUER']}"
    register(folder / "esia", redirects=(f"{issuer}/",), name="issuer")
    addresses = REPOSITORY / "issuer" / "esia_stand" / "addresses.csv"
    names = {
        "ISSUER": issuer,
        "BOX": f"https://localhost:{ports['BOX']}",
        "CLIENT": f"https://localhost:{ports['CLIENT']}",
        **{f"{name}_PORT": f"{LOOPBACK}:{ports[name]}" for name in ("ISSUER", "BOX", "CLIENT", "REDIRECT")},
        "ISSUER_BEHIND": str(free_port(LOOPBACK)),
        "BOX_BEHIND": str(free_port(LOOPBACK)),
        "CERTIFICATE": str(folder / "tls.pem"),
        "PRIVATE_KEY": str(folder / "tls.key"),
        "SSL_CERT_FILE": str(folder / "ca.pem"),
        "CURL_CA_BUNDLE": str(folder / "ca.pem"),
        "ESIA": f"http://{LOOPBACK}:{ports['STAND']}",
        "ESIA_FILES": str(folder / "esia"),
        "RESIDENCY": f"build {addresses}",
        "SOURCE": str(REPOSITORY),
        "ETC": str(folder / "etc"),
        "VECHE_ISSUER_KEK_FILE": str(folder / "etc" / "kek"),
        "ISSUER_KEPT": str(folder / "issuer"),
        "BOX_KEPT": str(folder / "box"),
        "SITE": str(folder / "site"),
        "PROXY": str(folder / "proxy"),
    }
    machine = Machine(folder, names)
    done = machine.run("sh")
    assert done.returncode == 0, done.stderr
    return machine


@pytest.fixture(scope="module")
def running(machine: Machine) -> Iterator[Machine]:
    """Everything started, the stand in ESIA's place."""
    port = machine.names["ESIA"].rpartition(":")[2]
    stand = [command("python"), "-m", "issuer.esia_stand", "--host", LOOPBACK, "--port", port]
    stand += ["--state", machine.names["ESIA_FILES"]]
    with subprocess.Popen(stand, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as esia:
        services = machine.start()
        try:
            _wait_for(machine)
            yield machine
        finally:
            os.killpg(services.pid, signal.SIGTERM)
            services.wait(60)
            os.kill(int((Path(machine.names["PROXY"]) / "nginx.pid").read_text()), signal.SIGTERM)
            esia.terminate()


@contextmanager
def _haproxy(machine: Machine, *, rate: int) -> Iterator[dict[str, str]]:
    """deploy/haproxy/services.cfg with TLS before the running services; the addresses of its binds."""
    binds = {f"{name}_BIND": f"{LOOPBACK}:{free_port(LOOPBACK)}" for name in ("REDIRECT", "ISSUER", "BOX")}
    both = machine.folder / "both.pem"
    both.write_bytes(
        b"".join(Path(machine.names[key]).read_bytes() for key in ("CERTIFICATE", "PRIVATE_KEY"))
    )
    environment = binds | {"PATH": machine.environment()["PATH"]}
    for name in ("ISSUER", "BOX"):
        environment[f"{name}_TLS"] = f"ssl crt {both} alpn h2,http/1.1"
        environment[f"{name}_RATE"] = str(rate)
        for number in (1, 2):
            environment[f"{name}{number}"] = f"{LOOPBACK}:{machine.names[f'{name}_BEHIND']}"
    argv = ["haproxy", "-f", str(REPOSITORY / "deploy" / "haproxy" / "services.cfg")]
    subprocess.run([*argv, "-c"], env=environment, check=True, capture_output=True)
    with (
        (machine.folder / "haproxy.log").open("wb") as log,
        subprocess.Popen(argv, env=environment, stdout=log, stderr=log) as proxy,
    ):
        try:
            yield binds
        finally:
            proxy.terminate()


def _answer(http: httpx.Client, url: str) -> httpx.Response:
    """The answer of haproxy, once it listens and has found the services alive."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(httpx.ConnectError):
            if (response := http.get(url)).status_code != 503:
                return response
            time.sleep(10)  # after which the rate limit has forgotten what was asked
        time.sleep(0.1)
    raise AssertionError(f"no answer of {url}")


def _wait_for(machine: Machine) -> None:
    deadline = time.monotonic() + 180
    while (done := machine.run("sh check")).returncode != 0:
        assert time.monotonic() < deadline, done.stdout + done.stderr + (machine.folder / "log").read_text()
        time.sleep(0.5)


@pytest.fixture
def http(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("SSL_CERT_FILE", machine.names["SSL_CERT_FILE"])
    with httpx.Client(verify=machine_trust(), timeout=60) as http:
        yield http


def test_both_languages_give_the_same_commands() -> None:
    for kind in ("sh", "sh start", "sh units", "sh check"):
        assert _script("operations.md", kind) == _script("operations.ru.md", kind)


def test_the_units_start_what_the_page_starts() -> None:
    started = set(_script("operations.md", "sh start").replace(" &\n", "\n").splitlines()[:-1])
    units = "".join(unit.read_text("utf-8") for unit in UNITS.glob("veche-[bi]*.service"))
    started |= {"veche-issuer metrics --port 9102", "veche-box metrics --port 9101"}
    assert set(re.findall(r"^ExecStart=/opt/veche/.venv/bin/(.*)$", units, re.MULTILINE)) == started


def test_the_metrics_read_where_the_service_counts_in_a_folder_that_is_new_at_each_start() -> None:
    for name in ("veche-issuer", "veche-box"):
        counting, reading = (
            (UNITS / f"{name}{kind}.service").read_text("utf-8").splitlines() for kind in ("", "-metrics")
        )
        assert f"RuntimeDirectory={name}" in counting
        assert not any(line.startswith("RuntimeDirectory") for line in reading)
        assert f"Environment=PROMETHEUS_MULTIPROC_DIR=%t/{name}" in set(counting) & set(reading)


def test_nothing_that_restarts_is_ever_given_up() -> None:
    for unit in UNITS.glob("veche-*.service"):
        text = unit.read_text("utf-8")
        assert ("Restart=always" in text) == ("\nStartLimitIntervalSec=0\n" in text), unit.name


def test_the_doctors_find_everything_in_order_and_both_services_are_ready(running: Machine) -> None:
    done = running.run("sh check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_is_served_with_its_headers_and_plain_http_leads_to_tls(
    running: Machine, http: httpx.Client
) -> None:
    page = http.get(running.names["CLIENT"])
    assert page.status_code == 200
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    assert "max-age" in page.headers["strict-transport-security"]
    plain = http.get(f"http://{running.names['REDIRECT_PORT']}/polls")
    assert (plain.status_code, plain.headers["location"]) == (301, f"https://{LOOPBACK}/polls")
    for service in ("ISSUER", "BOX"):
        assert (
            "max-age"
            in http.get(f"{running.names[service]}/health/ready").headers["strict-transport-security"]
        )
        assert http.get(f"{running.names[service]}/metrics").status_code == 404
    assert LOOPBACK not in (Path(running.names["PROXY"]) / "access.log").read_text()


def test_a_request_that_breaks_is_logged_without_its_address(running: Machine, http: httpx.Client) -> None:
    """nginx calls it critical when it cannot keep a body, and would name who sent it."""
    bodies = Path(running.names["PROXY"]) / "body"
    usual = bodies.stat().st_mode
    bodies.chmod(0)
    try:
        assert http.post(f"{running.names['BOX']}/polls", content=bytes(200_000)).status_code == 500
    finally:
        bodies.chmod(usual)
    log = (running.folder / "log").read_text()
    assert "client:" not in log
    assert LOOPBACK not in log


def test_a_resident_votes_through_tls_and_the_audit_finds_the_ballot(
    running: Machine, http: httpx.Client
) -> None:
    now = datetime.now(UTC)
    draft = write_draft(
        running.folder, "barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=1)
    )
    publishing = f'set -a; . "$ETC/issuer.env"; set +a; "$SOURCE/.venv/bin/veche-issuer" poll publish {draft}'
    published = subprocess.run(
        ["bash", "-e", "-c", publishing],
        env=running.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    trust = parse_trust((Path(running.names["ETC"]) / "trust.json").read_bytes())
    resident = Resident(http, trust, "barnaul-1")
    poll = resident.read_poll(published.stdout.split()[0])
    resident.vote(poll, choose(poll.manifest, 0))
    url = f"{running.names['BOX']}/polls/{poll.poll_id.hex()}"
    argv = [command("veche-audit"), "verify", url, "--trust", f"{running.names['ETC']}/trust.json"]
    audit = subprocess.run(argv, env=running.environment(), capture_output=True, text=True, check=False)
    assert "FAIL" not in audit.stdout, audit.stdout
    assert "19 PASS    catalogue" in audit.stdout


@pytest.mark.skipif(proxies.find("haproxy") is None, reason="no haproxy: see tests/programs/proxies.py")
def test_haproxy_does_tls_limits_each_address_and_writes_no_address(
    running: Machine, http: httpx.Client
) -> None:
    rate = 6
    with _haproxy(running, rate=rate) as binds:
        plain = _answer(http, f"http://{binds['REDIRECT_BIND']}/polls")
        assert (plain.status_code, plain.headers["location"]) == (
            301,
            f"https://{binds['REDIRECT_BIND']}/polls",
        )
        for service in ("ISSUER", "BOX"):
            url = f"https://localhost:{binds[f'{service}_BIND'].rpartition(':')[2]}"
            ready = _answer(http, f"{url}/health/ready")
            assert ready.status_code == 200
            assert "max-age" in ready.headers["strict-transport-security"]
            assert http.get(f"{url}/metrics").status_code == 403
            answers = [http.get(f"{url}/health/live") for _ in range(rate)]
            assert [answer.status_code for answer in answers[-2:]] == [429, 429]
            assert answers[-1].headers["retry-after"] == "10"
            with suppress(httpx.TransportError):
                http.get(url.replace("https", "http"))
    log = (running.folder / "haproxy.log").read_text()
    assert re.search(r"^box 200 \d+$", log, re.MULTILINE), log
    assert re.search(r"^box 0 SSL handshake failure$", log, re.MULTILINE), log
    assert "/health" not in log
    assert LOOPBACK not in log


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool: Debian has it in prometheus")
def test_prometheus_takes_the_alert_rules() -> None:
    rules = REPOSITORY / "deploy" / "prometheus" / "alerts.yml"
    done = subprocess.run(
        ["promtool", "check", "rules", str(rules)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS.glob("veche-*.service"):
        text = unit.read_text("utf-8").replace("/opt/veche/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(
            re.sub(r"/opt/patroni/bin/\w+|/usr/sbin/(nginx|haproxy)", "/bin/true", text)
        )
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if "veche-" in line]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
@pytest.mark.parametrize(
    ("units", "exposure"),
    [("veche-[bi]*", 15), ("veche-proxy*", 30), ("veche-patroni*", 25), ("veche-haproxy*", 20)],
)
def test_systemd_finds_the_units_little_exposed(units: str, exposure: int) -> None:
    """Of 100. The proxy begins as root, PostgreSQL compiles, and all have the network."""
    for unit in UNITS.glob(units):
        argv = ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={exposure}"]
        done = subprocess.run([*argv, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_a_command_has_what_the_service_has() -> None:
    command = (UNITS / "veche-command").read_text("utf-8")
    for name in ("issuer", "box"):
        unit = (UNITS / f"veche-{name}.service").read_text("utf-8")
        assert re.search(rf"^ExecStart=(/\S+/veche-{name}) ", unit, re.MULTILINE)[1] in command.split()  # type: ignore[index]
        assert f"User=veche-{name}" in unit
        assert f"EnvironmentFile=/etc/veche/{name}.env" in unit
        assert all(one in command for one in re.findall("^LoadCredential=.*", unit, re.MULTILINE))
    assert "--property=EnvironmentFile=/etc/veche/" in command
    assert '"/usr/local/sbin/$name"' in _script("operations.md", "sh units")


def test_the_units_find_what_the_page_writes() -> None:
    page, block = _script("operations.md", "sh"), _script("operations.md", "sh units")
    (enabling,) = re.findall(r"^systemctl enable --now (.*)$", block, re.MULTILINE)
    enabled = subprocess.check_output(
        ["bash", "-c", f"echo {enabling}"], text=True
    ).split()  # braces expanded
    for name in ("issuer", "box"):
        for unit in (f"veche-{name}", f"veche-{name}-worker", f"veche-{name}-metrics"):
            settings = (UNITS / f"{unit}.service").read_text("utf-8").splitlines()
            assert f'"${{{name.upper()}_KEPT:=/var/lib/veche-{name}}}"' in page
            assert f"StateDirectory=veche-{name}" in settings
            assert f"EnvironmentFile=/etc/veche/{name}.env" in settings
            assert unit in enabled
        written = page.partition(f'cat > "$ETC/{name}.env" <<END\n')[2].partition("END\n")[0]
        for unit_setting in re.findall(r"^Environment=(\w+)=", "\n".join(settings), re.MULTILINE):
            assert unit_setting not in written, "a setting of the file would override that of the unit"
